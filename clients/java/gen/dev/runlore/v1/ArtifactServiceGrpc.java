package dev.runlore.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Stores and serves files. Bytes go straight between the client and the object store where the store can presign
 * URLs, else through WriteBlob and ReadBlob.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class ArtifactServiceGrpc {

  private ArtifactServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "runlore.v1.ArtifactService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.PrepareUploadRequest,
      dev.runlore.v1.PrepareUploadResponse> getPrepareUploadMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PrepareUpload",
      requestType = dev.runlore.v1.PrepareUploadRequest.class,
      responseType = dev.runlore.v1.PrepareUploadResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.PrepareUploadRequest,
      dev.runlore.v1.PrepareUploadResponse> getPrepareUploadMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.PrepareUploadRequest, dev.runlore.v1.PrepareUploadResponse> getPrepareUploadMethod;
    if ((getPrepareUploadMethod = ArtifactServiceGrpc.getPrepareUploadMethod) == null) {
      synchronized (ArtifactServiceGrpc.class) {
        if ((getPrepareUploadMethod = ArtifactServiceGrpc.getPrepareUploadMethod) == null) {
          ArtifactServiceGrpc.getPrepareUploadMethod = getPrepareUploadMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.PrepareUploadRequest, dev.runlore.v1.PrepareUploadResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PrepareUpload"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.PrepareUploadRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.PrepareUploadResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ArtifactServiceMethodDescriptorSupplier("PrepareUpload"))
              .build();
        }
      }
    }
    return getPrepareUploadMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.WriteBlobRequest,
      dev.runlore.v1.WriteBlobResponse> getWriteBlobMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WriteBlob",
      requestType = dev.runlore.v1.WriteBlobRequest.class,
      responseType = dev.runlore.v1.WriteBlobResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.WriteBlobRequest,
      dev.runlore.v1.WriteBlobResponse> getWriteBlobMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.WriteBlobRequest, dev.runlore.v1.WriteBlobResponse> getWriteBlobMethod;
    if ((getWriteBlobMethod = ArtifactServiceGrpc.getWriteBlobMethod) == null) {
      synchronized (ArtifactServiceGrpc.class) {
        if ((getWriteBlobMethod = ArtifactServiceGrpc.getWriteBlobMethod) == null) {
          ArtifactServiceGrpc.getWriteBlobMethod = getWriteBlobMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.WriteBlobRequest, dev.runlore.v1.WriteBlobResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WriteBlob"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.WriteBlobRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.WriteBlobResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ArtifactServiceMethodDescriptorSupplier("WriteBlob"))
              .build();
        }
      }
    }
    return getWriteBlobMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.GetUploadStatusRequest,
      dev.runlore.v1.GetUploadStatusResponse> getGetUploadStatusMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetUploadStatus",
      requestType = dev.runlore.v1.GetUploadStatusRequest.class,
      responseType = dev.runlore.v1.GetUploadStatusResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.GetUploadStatusRequest,
      dev.runlore.v1.GetUploadStatusResponse> getGetUploadStatusMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.GetUploadStatusRequest, dev.runlore.v1.GetUploadStatusResponse> getGetUploadStatusMethod;
    if ((getGetUploadStatusMethod = ArtifactServiceGrpc.getGetUploadStatusMethod) == null) {
      synchronized (ArtifactServiceGrpc.class) {
        if ((getGetUploadStatusMethod = ArtifactServiceGrpc.getGetUploadStatusMethod) == null) {
          ArtifactServiceGrpc.getGetUploadStatusMethod = getGetUploadStatusMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.GetUploadStatusRequest, dev.runlore.v1.GetUploadStatusResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetUploadStatus"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetUploadStatusRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetUploadStatusResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ArtifactServiceMethodDescriptorSupplier("GetUploadStatus"))
              .build();
        }
      }
    }
    return getGetUploadStatusMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.ReadBlobRequest,
      dev.runlore.v1.ReadBlobResponse> getReadBlobMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ReadBlob",
      requestType = dev.runlore.v1.ReadBlobRequest.class,
      responseType = dev.runlore.v1.ReadBlobResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.ReadBlobRequest,
      dev.runlore.v1.ReadBlobResponse> getReadBlobMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.ReadBlobRequest, dev.runlore.v1.ReadBlobResponse> getReadBlobMethod;
    if ((getReadBlobMethod = ArtifactServiceGrpc.getReadBlobMethod) == null) {
      synchronized (ArtifactServiceGrpc.class) {
        if ((getReadBlobMethod = ArtifactServiceGrpc.getReadBlobMethod) == null) {
          ArtifactServiceGrpc.getReadBlobMethod = getReadBlobMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.ReadBlobRequest, dev.runlore.v1.ReadBlobResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ReadBlob"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.ReadBlobRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.ReadBlobResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ArtifactServiceMethodDescriptorSupplier("ReadBlob"))
              .build();
        }
      }
    }
    return getReadBlobMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.LogArtifactsRequest,
      dev.runlore.v1.LogArtifactsResponse> getLogArtifactsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "LogArtifacts",
      requestType = dev.runlore.v1.LogArtifactsRequest.class,
      responseType = dev.runlore.v1.LogArtifactsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.LogArtifactsRequest,
      dev.runlore.v1.LogArtifactsResponse> getLogArtifactsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.LogArtifactsRequest, dev.runlore.v1.LogArtifactsResponse> getLogArtifactsMethod;
    if ((getLogArtifactsMethod = ArtifactServiceGrpc.getLogArtifactsMethod) == null) {
      synchronized (ArtifactServiceGrpc.class) {
        if ((getLogArtifactsMethod = ArtifactServiceGrpc.getLogArtifactsMethod) == null) {
          ArtifactServiceGrpc.getLogArtifactsMethod = getLogArtifactsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.LogArtifactsRequest, dev.runlore.v1.LogArtifactsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "LogArtifacts"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.LogArtifactsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.LogArtifactsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ArtifactServiceMethodDescriptorSupplier("LogArtifacts"))
              .build();
        }
      }
    }
    return getLogArtifactsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.CreateManifestRequest,
      dev.runlore.v1.CreateManifestResponse> getCreateManifestMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateManifest",
      requestType = dev.runlore.v1.CreateManifestRequest.class,
      responseType = dev.runlore.v1.CreateManifestResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.CreateManifestRequest,
      dev.runlore.v1.CreateManifestResponse> getCreateManifestMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.CreateManifestRequest, dev.runlore.v1.CreateManifestResponse> getCreateManifestMethod;
    if ((getCreateManifestMethod = ArtifactServiceGrpc.getCreateManifestMethod) == null) {
      synchronized (ArtifactServiceGrpc.class) {
        if ((getCreateManifestMethod = ArtifactServiceGrpc.getCreateManifestMethod) == null) {
          ArtifactServiceGrpc.getCreateManifestMethod = getCreateManifestMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.CreateManifestRequest, dev.runlore.v1.CreateManifestResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateManifest"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.CreateManifestRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.CreateManifestResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ArtifactServiceMethodDescriptorSupplier("CreateManifest"))
              .build();
        }
      }
    }
    return getCreateManifestMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.DeleteArtifactsRequest,
      dev.runlore.v1.DeleteArtifactsResponse> getDeleteArtifactsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteArtifacts",
      requestType = dev.runlore.v1.DeleteArtifactsRequest.class,
      responseType = dev.runlore.v1.DeleteArtifactsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.DeleteArtifactsRequest,
      dev.runlore.v1.DeleteArtifactsResponse> getDeleteArtifactsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.DeleteArtifactsRequest, dev.runlore.v1.DeleteArtifactsResponse> getDeleteArtifactsMethod;
    if ((getDeleteArtifactsMethod = ArtifactServiceGrpc.getDeleteArtifactsMethod) == null) {
      synchronized (ArtifactServiceGrpc.class) {
        if ((getDeleteArtifactsMethod = ArtifactServiceGrpc.getDeleteArtifactsMethod) == null) {
          ArtifactServiceGrpc.getDeleteArtifactsMethod = getDeleteArtifactsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.DeleteArtifactsRequest, dev.runlore.v1.DeleteArtifactsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteArtifacts"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteArtifactsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteArtifactsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ArtifactServiceMethodDescriptorSupplier("DeleteArtifacts"))
              .build();
        }
      }
    }
    return getDeleteArtifactsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.ListArtifactsRequest,
      dev.runlore.v1.ListArtifactsResponse> getListArtifactsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListArtifacts",
      requestType = dev.runlore.v1.ListArtifactsRequest.class,
      responseType = dev.runlore.v1.ListArtifactsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.ListArtifactsRequest,
      dev.runlore.v1.ListArtifactsResponse> getListArtifactsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.ListArtifactsRequest, dev.runlore.v1.ListArtifactsResponse> getListArtifactsMethod;
    if ((getListArtifactsMethod = ArtifactServiceGrpc.getListArtifactsMethod) == null) {
      synchronized (ArtifactServiceGrpc.class) {
        if ((getListArtifactsMethod = ArtifactServiceGrpc.getListArtifactsMethod) == null) {
          ArtifactServiceGrpc.getListArtifactsMethod = getListArtifactsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.ListArtifactsRequest, dev.runlore.v1.ListArtifactsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListArtifacts"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.ListArtifactsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.ListArtifactsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ArtifactServiceMethodDescriptorSupplier("ListArtifacts"))
              .build();
        }
      }
    }
    return getListArtifactsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.GetManifestRequest,
      dev.runlore.v1.GetManifestResponse> getGetManifestMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetManifest",
      requestType = dev.runlore.v1.GetManifestRequest.class,
      responseType = dev.runlore.v1.GetManifestResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.GetManifestRequest,
      dev.runlore.v1.GetManifestResponse> getGetManifestMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.GetManifestRequest, dev.runlore.v1.GetManifestResponse> getGetManifestMethod;
    if ((getGetManifestMethod = ArtifactServiceGrpc.getGetManifestMethod) == null) {
      synchronized (ArtifactServiceGrpc.class) {
        if ((getGetManifestMethod = ArtifactServiceGrpc.getGetManifestMethod) == null) {
          ArtifactServiceGrpc.getGetManifestMethod = getGetManifestMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.GetManifestRequest, dev.runlore.v1.GetManifestResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetManifest"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetManifestRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetManifestResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ArtifactServiceMethodDescriptorSupplier("GetManifest"))
              .build();
        }
      }
    }
    return getGetManifestMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static ArtifactServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ArtifactServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ArtifactServiceStub>() {
        @java.lang.Override
        public ArtifactServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ArtifactServiceStub(channel, callOptions);
        }
      };
    return ArtifactServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static ArtifactServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ArtifactServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ArtifactServiceBlockingV2Stub>() {
        @java.lang.Override
        public ArtifactServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ArtifactServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return ArtifactServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static ArtifactServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ArtifactServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ArtifactServiceBlockingStub>() {
        @java.lang.Override
        public ArtifactServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ArtifactServiceBlockingStub(channel, callOptions);
        }
      };
    return ArtifactServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static ArtifactServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ArtifactServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ArtifactServiceFutureStub>() {
        @java.lang.Override
        public ArtifactServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ArtifactServiceFutureStub(channel, callOptions);
        }
      };
    return ArtifactServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Stores and serves files. Bytes go straight between the client and the object store where the store can presign
   * URLs, else through WriteBlob and ReadBlob.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Announces blobs: says which are stored already, and where to send the others. What was announced is not collected
     * as garbage for the server's grace period (an hour at the least, a day by default), whether it arrives or not.
     * `stored` may be false for a blob that is there and that nobody announced before; sending it again is harmless.
     * </pre>
     */
    default void prepareUpload(dev.runlore.v1.PrepareUploadRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.PrepareUploadResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPrepareUploadMethod(), responseObserver);
    }

    /**
     * <pre>
     * Stores one blob through the server. The first message names it, the rest carry its bytes in order. Sending a
     * blob that is stored already is fine and changes nothing. When a stream is cut, the server keeps the bytes that
     * arrived, a day at the least; GetUploadStatus tells how many, and another stream goes on from there. The server may
     * lose them (as when it is killed), never the stored blob. Errors: DIGEST_MISMATCH, UPLOAD_OFFSET_MISMATCH.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<dev.runlore.v1.WriteBlobRequest> writeBlob(
        io.grpc.stub.StreamObserver<dev.runlore.v1.WriteBlobResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getWriteBlobMethod(), responseObserver);
    }

    /**
     * <pre>
     * Says whether a blob is stored, and else how many of its bytes are kept of a WriteBlob that was cut.
     * </pre>
     */
    default void getUploadStatus(dev.runlore.v1.GetUploadStatusRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetUploadStatusResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetUploadStatusMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads one blob through the server, from an offset. Errors: BLOB_NOT_FOUND.
     * </pre>
     */
    default void readBlob(dev.runlore.v1.ReadBlobRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.ReadBlobResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReadBlobMethod(), responseObserver);
    }

    /**
     * <pre>
     * Adds files to a run's artifacts, all or nothing, and returns the run's new manifest. A file that is there already
     * is replaced; the earlier manifest stays readable by its digest. Concurrent calls for one run never lose each
     * other's files. Repeating a call is harmless. Errors: RUN_NOT_FOUND, RUN_DELETED, MANIFEST_NOT_FOUND, BLOB_MISSING,
     * PATH_CONFLICT.
     * </pre>
     */
    default void logArtifacts(dev.runlore.v1.LogArtifactsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.LogArtifactsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getLogArtifactsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Stores a manifest that is no run's: of these files, or with them added to another manifest. For registering a version
     * straight from files, and for putting together what is too much for one call. It is kept for the grace period, and
     * for good once a version or a run has it. Repeating a call is harmless. Errors: MANIFEST_NOT_FOUND, BLOB_MISSING,
     * PATH_CONFLICT.
     * </pre>
     */
    default void createManifest(dev.runlore.v1.CreateManifestRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.CreateManifestResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateManifestMethod(), responseObserver);
    }

    /**
     * <pre>
     * Takes files and whole folders out of a run's artifacts, all or nothing, and returns the run's new manifest. The
     * earlier manifest stays readable by its digest until it is collected: never while a version has it, and not within
     * the grace period. Errors: RUN_NOT_FOUND, RUN_DELETED, ARTIFACT_NOT_FOUND, REQUEST_ID_REUSED.
     * </pre>
     */
    default void deleteArtifacts(dev.runlore.v1.DeleteArtifactsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteArtifactsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteArtifactsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists one folder of a run's artifacts or of a manifest, a page at a time, by name. Errors: RUN_NOT_FOUND,
     * MANIFEST_NOT_FOUND, ARTIFACT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    default void listArtifacts(dev.runlore.v1.ListArtifactsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.ListArtifactsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListArtifactsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns every file at or below a path of a run's artifacts or of a manifest, with what is needed to download it,
     * a page at a time. All pages are of the manifest that the first one named, however the run grows meanwhile.
     * Errors: RUN_NOT_FOUND, MANIFEST_NOT_FOUND, ARTIFACT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    default void getManifest(dev.runlore.v1.GetManifestRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetManifestResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetManifestMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service ArtifactService.
   * <pre>
   * Stores and serves files. Bytes go straight between the client and the object store where the store can presign
   * URLs, else through WriteBlob and ReadBlob.
   * </pre>
   */
  public static abstract class ArtifactServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return ArtifactServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service ArtifactService.
   * <pre>
   * Stores and serves files. Bytes go straight between the client and the object store where the store can presign
   * URLs, else through WriteBlob and ReadBlob.
   * </pre>
   */
  public static final class ArtifactServiceStub
      extends io.grpc.stub.AbstractAsyncStub<ArtifactServiceStub> {
    private ArtifactServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ArtifactServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ArtifactServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Announces blobs: says which are stored already, and where to send the others. What was announced is not collected
     * as garbage for the server's grace period (an hour at the least, a day by default), whether it arrives or not.
     * `stored` may be false for a blob that is there and that nobody announced before; sending it again is harmless.
     * </pre>
     */
    public void prepareUpload(dev.runlore.v1.PrepareUploadRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.PrepareUploadResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPrepareUploadMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Stores one blob through the server. The first message names it, the rest carry its bytes in order. Sending a
     * blob that is stored already is fine and changes nothing. When a stream is cut, the server keeps the bytes that
     * arrived, a day at the least; GetUploadStatus tells how many, and another stream goes on from there. The server may
     * lose them (as when it is killed), never the stored blob. Errors: DIGEST_MISMATCH, UPLOAD_OFFSET_MISMATCH.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<dev.runlore.v1.WriteBlobRequest> writeBlob(
        io.grpc.stub.StreamObserver<dev.runlore.v1.WriteBlobResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncClientStreamingCall(
          getChannel().newCall(getWriteBlobMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * Says whether a blob is stored, and else how many of its bytes are kept of a WriteBlob that was cut.
     * </pre>
     */
    public void getUploadStatus(dev.runlore.v1.GetUploadStatusRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetUploadStatusResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetUploadStatusMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads one blob through the server, from an offset. Errors: BLOB_NOT_FOUND.
     * </pre>
     */
    public void readBlob(dev.runlore.v1.ReadBlobRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.ReadBlobResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getReadBlobMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Adds files to a run's artifacts, all or nothing, and returns the run's new manifest. A file that is there already
     * is replaced; the earlier manifest stays readable by its digest. Concurrent calls for one run never lose each
     * other's files. Repeating a call is harmless. Errors: RUN_NOT_FOUND, RUN_DELETED, MANIFEST_NOT_FOUND, BLOB_MISSING,
     * PATH_CONFLICT.
     * </pre>
     */
    public void logArtifacts(dev.runlore.v1.LogArtifactsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.LogArtifactsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getLogArtifactsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Stores a manifest that is no run's: of these files, or with them added to another manifest. For registering a version
     * straight from files, and for putting together what is too much for one call. It is kept for the grace period, and
     * for good once a version or a run has it. Repeating a call is harmless. Errors: MANIFEST_NOT_FOUND, BLOB_MISSING,
     * PATH_CONFLICT.
     * </pre>
     */
    public void createManifest(dev.runlore.v1.CreateManifestRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.CreateManifestResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateManifestMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Takes files and whole folders out of a run's artifacts, all or nothing, and returns the run's new manifest. The
     * earlier manifest stays readable by its digest until it is collected: never while a version has it, and not within
     * the grace period. Errors: RUN_NOT_FOUND, RUN_DELETED, ARTIFACT_NOT_FOUND, REQUEST_ID_REUSED.
     * </pre>
     */
    public void deleteArtifacts(dev.runlore.v1.DeleteArtifactsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteArtifactsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteArtifactsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists one folder of a run's artifacts or of a manifest, a page at a time, by name. Errors: RUN_NOT_FOUND,
     * MANIFEST_NOT_FOUND, ARTIFACT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public void listArtifacts(dev.runlore.v1.ListArtifactsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.ListArtifactsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListArtifactsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns every file at or below a path of a run's artifacts or of a manifest, with what is needed to download it,
     * a page at a time. All pages are of the manifest that the first one named, however the run grows meanwhile.
     * Errors: RUN_NOT_FOUND, MANIFEST_NOT_FOUND, ARTIFACT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public void getManifest(dev.runlore.v1.GetManifestRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetManifestResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetManifestMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service ArtifactService.
   * <pre>
   * Stores and serves files. Bytes go straight between the client and the object store where the store can presign
   * URLs, else through WriteBlob and ReadBlob.
   * </pre>
   */
  public static final class ArtifactServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<ArtifactServiceBlockingV2Stub> {
    private ArtifactServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ArtifactServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ArtifactServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Announces blobs: says which are stored already, and where to send the others. What was announced is not collected
     * as garbage for the server's grace period (an hour at the least, a day by default), whether it arrives or not.
     * `stored` may be false for a blob that is there and that nobody announced before; sending it again is harmless.
     * </pre>
     */
    public dev.runlore.v1.PrepareUploadResponse prepareUpload(dev.runlore.v1.PrepareUploadRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPrepareUploadMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stores one blob through the server. The first message names it, the rest carry its bytes in order. Sending a
     * blob that is stored already is fine and changes nothing. When a stream is cut, the server keeps the bytes that
     * arrived, a day at the least; GetUploadStatus tells how many, and another stream goes on from there. The server may
     * lose them (as when it is killed), never the stored blob. Errors: DIGEST_MISMATCH, UPLOAD_OFFSET_MISMATCH.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<dev.runlore.v1.WriteBlobRequest, dev.runlore.v1.WriteBlobResponse>
        writeBlob() {
      return io.grpc.stub.ClientCalls.blockingClientStreamingCall(
          getChannel(), getWriteBlobMethod(), getCallOptions());
    }

    /**
     * <pre>
     * Says whether a blob is stored, and else how many of its bytes are kept of a WriteBlob that was cut.
     * </pre>
     */
    public dev.runlore.v1.GetUploadStatusResponse getUploadStatus(dev.runlore.v1.GetUploadStatusRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetUploadStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads one blob through the server, from an offset. Errors: BLOB_NOT_FOUND.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.runlore.v1.ReadBlobResponse>
        readBlob(dev.runlore.v1.ReadBlobRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getReadBlobMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Adds files to a run's artifacts, all or nothing, and returns the run's new manifest. A file that is there already
     * is replaced; the earlier manifest stays readable by its digest. Concurrent calls for one run never lose each
     * other's files. Repeating a call is harmless. Errors: RUN_NOT_FOUND, RUN_DELETED, MANIFEST_NOT_FOUND, BLOB_MISSING,
     * PATH_CONFLICT.
     * </pre>
     */
    public dev.runlore.v1.LogArtifactsResponse logArtifacts(dev.runlore.v1.LogArtifactsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getLogArtifactsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stores a manifest that is no run's: of these files, or with them added to another manifest. For registering a version
     * straight from files, and for putting together what is too much for one call. It is kept for the grace period, and
     * for good once a version or a run has it. Repeating a call is harmless. Errors: MANIFEST_NOT_FOUND, BLOB_MISSING,
     * PATH_CONFLICT.
     * </pre>
     */
    public dev.runlore.v1.CreateManifestResponse createManifest(dev.runlore.v1.CreateManifestRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateManifestMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes files and whole folders out of a run's artifacts, all or nothing, and returns the run's new manifest. The
     * earlier manifest stays readable by its digest until it is collected: never while a version has it, and not within
     * the grace period. Errors: RUN_NOT_FOUND, RUN_DELETED, ARTIFACT_NOT_FOUND, REQUEST_ID_REUSED.
     * </pre>
     */
    public dev.runlore.v1.DeleteArtifactsResponse deleteArtifacts(dev.runlore.v1.DeleteArtifactsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteArtifactsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists one folder of a run's artifacts or of a manifest, a page at a time, by name. Errors: RUN_NOT_FOUND,
     * MANIFEST_NOT_FOUND, ARTIFACT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.ListArtifactsResponse listArtifacts(dev.runlore.v1.ListArtifactsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListArtifactsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns every file at or below a path of a run's artifacts or of a manifest, with what is needed to download it,
     * a page at a time. All pages are of the manifest that the first one named, however the run grows meanwhile.
     * Errors: RUN_NOT_FOUND, MANIFEST_NOT_FOUND, ARTIFACT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.GetManifestResponse getManifest(dev.runlore.v1.GetManifestRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetManifestMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service ArtifactService.
   * <pre>
   * Stores and serves files. Bytes go straight between the client and the object store where the store can presign
   * URLs, else through WriteBlob and ReadBlob.
   * </pre>
   */
  public static final class ArtifactServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<ArtifactServiceBlockingStub> {
    private ArtifactServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ArtifactServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ArtifactServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Announces blobs: says which are stored already, and where to send the others. What was announced is not collected
     * as garbage for the server's grace period (an hour at the least, a day by default), whether it arrives or not.
     * `stored` may be false for a blob that is there and that nobody announced before; sending it again is harmless.
     * </pre>
     */
    public dev.runlore.v1.PrepareUploadResponse prepareUpload(dev.runlore.v1.PrepareUploadRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPrepareUploadMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Says whether a blob is stored, and else how many of its bytes are kept of a WriteBlob that was cut.
     * </pre>
     */
    public dev.runlore.v1.GetUploadStatusResponse getUploadStatus(dev.runlore.v1.GetUploadStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetUploadStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads one blob through the server, from an offset. Errors: BLOB_NOT_FOUND.
     * </pre>
     */
    public java.util.Iterator<dev.runlore.v1.ReadBlobResponse> readBlob(
        dev.runlore.v1.ReadBlobRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getReadBlobMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Adds files to a run's artifacts, all or nothing, and returns the run's new manifest. A file that is there already
     * is replaced; the earlier manifest stays readable by its digest. Concurrent calls for one run never lose each
     * other's files. Repeating a call is harmless. Errors: RUN_NOT_FOUND, RUN_DELETED, MANIFEST_NOT_FOUND, BLOB_MISSING,
     * PATH_CONFLICT.
     * </pre>
     */
    public dev.runlore.v1.LogArtifactsResponse logArtifacts(dev.runlore.v1.LogArtifactsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getLogArtifactsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stores a manifest that is no run's: of these files, or with them added to another manifest. For registering a version
     * straight from files, and for putting together what is too much for one call. It is kept for the grace period, and
     * for good once a version or a run has it. Repeating a call is harmless. Errors: MANIFEST_NOT_FOUND, BLOB_MISSING,
     * PATH_CONFLICT.
     * </pre>
     */
    public dev.runlore.v1.CreateManifestResponse createManifest(dev.runlore.v1.CreateManifestRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateManifestMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes files and whole folders out of a run's artifacts, all or nothing, and returns the run's new manifest. The
     * earlier manifest stays readable by its digest until it is collected: never while a version has it, and not within
     * the grace period. Errors: RUN_NOT_FOUND, RUN_DELETED, ARTIFACT_NOT_FOUND, REQUEST_ID_REUSED.
     * </pre>
     */
    public dev.runlore.v1.DeleteArtifactsResponse deleteArtifacts(dev.runlore.v1.DeleteArtifactsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteArtifactsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists one folder of a run's artifacts or of a manifest, a page at a time, by name. Errors: RUN_NOT_FOUND,
     * MANIFEST_NOT_FOUND, ARTIFACT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.ListArtifactsResponse listArtifacts(dev.runlore.v1.ListArtifactsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListArtifactsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns every file at or below a path of a run's artifacts or of a manifest, with what is needed to download it,
     * a page at a time. All pages are of the manifest that the first one named, however the run grows meanwhile.
     * Errors: RUN_NOT_FOUND, MANIFEST_NOT_FOUND, ARTIFACT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.GetManifestResponse getManifest(dev.runlore.v1.GetManifestRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetManifestMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service ArtifactService.
   * <pre>
   * Stores and serves files. Bytes go straight between the client and the object store where the store can presign
   * URLs, else through WriteBlob and ReadBlob.
   * </pre>
   */
  public static final class ArtifactServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<ArtifactServiceFutureStub> {
    private ArtifactServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ArtifactServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ArtifactServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Announces blobs: says which are stored already, and where to send the others. What was announced is not collected
     * as garbage for the server's grace period (an hour at the least, a day by default), whether it arrives or not.
     * `stored` may be false for a blob that is there and that nobody announced before; sending it again is harmless.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.PrepareUploadResponse> prepareUpload(
        dev.runlore.v1.PrepareUploadRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPrepareUploadMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Says whether a blob is stored, and else how many of its bytes are kept of a WriteBlob that was cut.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.GetUploadStatusResponse> getUploadStatus(
        dev.runlore.v1.GetUploadStatusRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetUploadStatusMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Adds files to a run's artifacts, all or nothing, and returns the run's new manifest. A file that is there already
     * is replaced; the earlier manifest stays readable by its digest. Concurrent calls for one run never lose each
     * other's files. Repeating a call is harmless. Errors: RUN_NOT_FOUND, RUN_DELETED, MANIFEST_NOT_FOUND, BLOB_MISSING,
     * PATH_CONFLICT.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.LogArtifactsResponse> logArtifacts(
        dev.runlore.v1.LogArtifactsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getLogArtifactsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Stores a manifest that is no run's: of these files, or with them added to another manifest. For registering a version
     * straight from files, and for putting together what is too much for one call. It is kept for the grace period, and
     * for good once a version or a run has it. Repeating a call is harmless. Errors: MANIFEST_NOT_FOUND, BLOB_MISSING,
     * PATH_CONFLICT.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.CreateManifestResponse> createManifest(
        dev.runlore.v1.CreateManifestRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateManifestMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Takes files and whole folders out of a run's artifacts, all or nothing, and returns the run's new manifest. The
     * earlier manifest stays readable by its digest until it is collected: never while a version has it, and not within
     * the grace period. Errors: RUN_NOT_FOUND, RUN_DELETED, ARTIFACT_NOT_FOUND, REQUEST_ID_REUSED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.DeleteArtifactsResponse> deleteArtifacts(
        dev.runlore.v1.DeleteArtifactsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteArtifactsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists one folder of a run's artifacts or of a manifest, a page at a time, by name. Errors: RUN_NOT_FOUND,
     * MANIFEST_NOT_FOUND, ARTIFACT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.ListArtifactsResponse> listArtifacts(
        dev.runlore.v1.ListArtifactsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListArtifactsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns every file at or below a path of a run's artifacts or of a manifest, with what is needed to download it,
     * a page at a time. All pages are of the manifest that the first one named, however the run grows meanwhile.
     * Errors: RUN_NOT_FOUND, MANIFEST_NOT_FOUND, ARTIFACT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.GetManifestResponse> getManifest(
        dev.runlore.v1.GetManifestRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetManifestMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_PREPARE_UPLOAD = 0;
  private static final int METHODID_GET_UPLOAD_STATUS = 1;
  private static final int METHODID_READ_BLOB = 2;
  private static final int METHODID_LOG_ARTIFACTS = 3;
  private static final int METHODID_CREATE_MANIFEST = 4;
  private static final int METHODID_DELETE_ARTIFACTS = 5;
  private static final int METHODID_LIST_ARTIFACTS = 6;
  private static final int METHODID_GET_MANIFEST = 7;
  private static final int METHODID_WRITE_BLOB = 8;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_PREPARE_UPLOAD:
          serviceImpl.prepareUpload((dev.runlore.v1.PrepareUploadRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.PrepareUploadResponse>) responseObserver);
          break;
        case METHODID_GET_UPLOAD_STATUS:
          serviceImpl.getUploadStatus((dev.runlore.v1.GetUploadStatusRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.GetUploadStatusResponse>) responseObserver);
          break;
        case METHODID_READ_BLOB:
          serviceImpl.readBlob((dev.runlore.v1.ReadBlobRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.ReadBlobResponse>) responseObserver);
          break;
        case METHODID_LOG_ARTIFACTS:
          serviceImpl.logArtifacts((dev.runlore.v1.LogArtifactsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.LogArtifactsResponse>) responseObserver);
          break;
        case METHODID_CREATE_MANIFEST:
          serviceImpl.createManifest((dev.runlore.v1.CreateManifestRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.CreateManifestResponse>) responseObserver);
          break;
        case METHODID_DELETE_ARTIFACTS:
          serviceImpl.deleteArtifacts((dev.runlore.v1.DeleteArtifactsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteArtifactsResponse>) responseObserver);
          break;
        case METHODID_LIST_ARTIFACTS:
          serviceImpl.listArtifacts((dev.runlore.v1.ListArtifactsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.ListArtifactsResponse>) responseObserver);
          break;
        case METHODID_GET_MANIFEST:
          serviceImpl.getManifest((dev.runlore.v1.GetManifestRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.GetManifestResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_WRITE_BLOB:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.writeBlob(
              (io.grpc.stub.StreamObserver<dev.runlore.v1.WriteBlobResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getPrepareUploadMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.PrepareUploadRequest,
              dev.runlore.v1.PrepareUploadResponse>(
                service, METHODID_PREPARE_UPLOAD)))
        .addMethod(
          getWriteBlobMethod(),
          io.grpc.stub.ServerCalls.asyncClientStreamingCall(
            new MethodHandlers<
              dev.runlore.v1.WriteBlobRequest,
              dev.runlore.v1.WriteBlobResponse>(
                service, METHODID_WRITE_BLOB)))
        .addMethod(
          getGetUploadStatusMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.GetUploadStatusRequest,
              dev.runlore.v1.GetUploadStatusResponse>(
                service, METHODID_GET_UPLOAD_STATUS)))
        .addMethod(
          getReadBlobMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.runlore.v1.ReadBlobRequest,
              dev.runlore.v1.ReadBlobResponse>(
                service, METHODID_READ_BLOB)))
        .addMethod(
          getLogArtifactsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.LogArtifactsRequest,
              dev.runlore.v1.LogArtifactsResponse>(
                service, METHODID_LOG_ARTIFACTS)))
        .addMethod(
          getCreateManifestMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.CreateManifestRequest,
              dev.runlore.v1.CreateManifestResponse>(
                service, METHODID_CREATE_MANIFEST)))
        .addMethod(
          getDeleteArtifactsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.DeleteArtifactsRequest,
              dev.runlore.v1.DeleteArtifactsResponse>(
                service, METHODID_DELETE_ARTIFACTS)))
        .addMethod(
          getListArtifactsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.ListArtifactsRequest,
              dev.runlore.v1.ListArtifactsResponse>(
                service, METHODID_LIST_ARTIFACTS)))
        .addMethod(
          getGetManifestMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.GetManifestRequest,
              dev.runlore.v1.GetManifestResponse>(
                service, METHODID_GET_MANIFEST)))
        .build();
  }

  private static abstract class ArtifactServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    ArtifactServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.runlore.v1.ArtifactProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("ArtifactService");
    }
  }

  private static final class ArtifactServiceFileDescriptorSupplier
      extends ArtifactServiceBaseDescriptorSupplier {
    ArtifactServiceFileDescriptorSupplier() {}
  }

  private static final class ArtifactServiceMethodDescriptorSupplier
      extends ArtifactServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    ArtifactServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (ArtifactServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new ArtifactServiceFileDescriptorSupplier())
              .addMethod(getPrepareUploadMethod())
              .addMethod(getWriteBlobMethod())
              .addMethod(getGetUploadStatusMethod())
              .addMethod(getReadBlobMethod())
              .addMethod(getLogArtifactsMethod())
              .addMethod(getCreateManifestMethod())
              .addMethod(getDeleteArtifactsMethod())
              .addMethod(getListArtifactsMethod())
              .addMethod(getGetManifestMethod())
              .build();
        }
      }
    }
    return result;
  }
}
