package dev.runlore.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Records training runs.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class TrackingServiceGrpc {

  private TrackingServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "runlore.v1.TrackingService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.CreateExperimentRequest,
      dev.runlore.v1.CreateExperimentResponse> getCreateExperimentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateExperiment",
      requestType = dev.runlore.v1.CreateExperimentRequest.class,
      responseType = dev.runlore.v1.CreateExperimentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.CreateExperimentRequest,
      dev.runlore.v1.CreateExperimentResponse> getCreateExperimentMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.CreateExperimentRequest, dev.runlore.v1.CreateExperimentResponse> getCreateExperimentMethod;
    if ((getCreateExperimentMethod = TrackingServiceGrpc.getCreateExperimentMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getCreateExperimentMethod = TrackingServiceGrpc.getCreateExperimentMethod) == null) {
          TrackingServiceGrpc.getCreateExperimentMethod = getCreateExperimentMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.CreateExperimentRequest, dev.runlore.v1.CreateExperimentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateExperiment"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.CreateExperimentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.CreateExperimentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("CreateExperiment"))
              .build();
        }
      }
    }
    return getCreateExperimentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.GetExperimentRequest,
      dev.runlore.v1.GetExperimentResponse> getGetExperimentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetExperiment",
      requestType = dev.runlore.v1.GetExperimentRequest.class,
      responseType = dev.runlore.v1.GetExperimentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.GetExperimentRequest,
      dev.runlore.v1.GetExperimentResponse> getGetExperimentMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.GetExperimentRequest, dev.runlore.v1.GetExperimentResponse> getGetExperimentMethod;
    if ((getGetExperimentMethod = TrackingServiceGrpc.getGetExperimentMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getGetExperimentMethod = TrackingServiceGrpc.getGetExperimentMethod) == null) {
          TrackingServiceGrpc.getGetExperimentMethod = getGetExperimentMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.GetExperimentRequest, dev.runlore.v1.GetExperimentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetExperiment"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetExperimentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetExperimentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("GetExperiment"))
              .build();
        }
      }
    }
    return getGetExperimentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.SearchExperimentsRequest,
      dev.runlore.v1.SearchExperimentsResponse> getSearchExperimentsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SearchExperiments",
      requestType = dev.runlore.v1.SearchExperimentsRequest.class,
      responseType = dev.runlore.v1.SearchExperimentsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.SearchExperimentsRequest,
      dev.runlore.v1.SearchExperimentsResponse> getSearchExperimentsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.SearchExperimentsRequest, dev.runlore.v1.SearchExperimentsResponse> getSearchExperimentsMethod;
    if ((getSearchExperimentsMethod = TrackingServiceGrpc.getSearchExperimentsMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getSearchExperimentsMethod = TrackingServiceGrpc.getSearchExperimentsMethod) == null) {
          TrackingServiceGrpc.getSearchExperimentsMethod = getSearchExperimentsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.SearchExperimentsRequest, dev.runlore.v1.SearchExperimentsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SearchExperiments"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SearchExperimentsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SearchExperimentsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("SearchExperiments"))
              .build();
        }
      }
    }
    return getSearchExperimentsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.UpdateExperimentRequest,
      dev.runlore.v1.UpdateExperimentResponse> getUpdateExperimentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateExperiment",
      requestType = dev.runlore.v1.UpdateExperimentRequest.class,
      responseType = dev.runlore.v1.UpdateExperimentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.UpdateExperimentRequest,
      dev.runlore.v1.UpdateExperimentResponse> getUpdateExperimentMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.UpdateExperimentRequest, dev.runlore.v1.UpdateExperimentResponse> getUpdateExperimentMethod;
    if ((getUpdateExperimentMethod = TrackingServiceGrpc.getUpdateExperimentMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getUpdateExperimentMethod = TrackingServiceGrpc.getUpdateExperimentMethod) == null) {
          TrackingServiceGrpc.getUpdateExperimentMethod = getUpdateExperimentMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.UpdateExperimentRequest, dev.runlore.v1.UpdateExperimentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateExperiment"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.UpdateExperimentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.UpdateExperimentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("UpdateExperiment"))
              .build();
        }
      }
    }
    return getUpdateExperimentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.SetExperimentTagsRequest,
      dev.runlore.v1.SetExperimentTagsResponse> getSetExperimentTagsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetExperimentTags",
      requestType = dev.runlore.v1.SetExperimentTagsRequest.class,
      responseType = dev.runlore.v1.SetExperimentTagsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.SetExperimentTagsRequest,
      dev.runlore.v1.SetExperimentTagsResponse> getSetExperimentTagsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.SetExperimentTagsRequest, dev.runlore.v1.SetExperimentTagsResponse> getSetExperimentTagsMethod;
    if ((getSetExperimentTagsMethod = TrackingServiceGrpc.getSetExperimentTagsMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getSetExperimentTagsMethod = TrackingServiceGrpc.getSetExperimentTagsMethod) == null) {
          TrackingServiceGrpc.getSetExperimentTagsMethod = getSetExperimentTagsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.SetExperimentTagsRequest, dev.runlore.v1.SetExperimentTagsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetExperimentTags"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SetExperimentTagsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SetExperimentTagsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("SetExperimentTags"))
              .build();
        }
      }
    }
    return getSetExperimentTagsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.DeleteExperimentRequest,
      dev.runlore.v1.DeleteExperimentResponse> getDeleteExperimentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteExperiment",
      requestType = dev.runlore.v1.DeleteExperimentRequest.class,
      responseType = dev.runlore.v1.DeleteExperimentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.DeleteExperimentRequest,
      dev.runlore.v1.DeleteExperimentResponse> getDeleteExperimentMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.DeleteExperimentRequest, dev.runlore.v1.DeleteExperimentResponse> getDeleteExperimentMethod;
    if ((getDeleteExperimentMethod = TrackingServiceGrpc.getDeleteExperimentMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getDeleteExperimentMethod = TrackingServiceGrpc.getDeleteExperimentMethod) == null) {
          TrackingServiceGrpc.getDeleteExperimentMethod = getDeleteExperimentMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.DeleteExperimentRequest, dev.runlore.v1.DeleteExperimentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteExperiment"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteExperimentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteExperimentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("DeleteExperiment"))
              .build();
        }
      }
    }
    return getDeleteExperimentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.RestoreExperimentRequest,
      dev.runlore.v1.RestoreExperimentResponse> getRestoreExperimentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RestoreExperiment",
      requestType = dev.runlore.v1.RestoreExperimentRequest.class,
      responseType = dev.runlore.v1.RestoreExperimentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.RestoreExperimentRequest,
      dev.runlore.v1.RestoreExperimentResponse> getRestoreExperimentMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.RestoreExperimentRequest, dev.runlore.v1.RestoreExperimentResponse> getRestoreExperimentMethod;
    if ((getRestoreExperimentMethod = TrackingServiceGrpc.getRestoreExperimentMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getRestoreExperimentMethod = TrackingServiceGrpc.getRestoreExperimentMethod) == null) {
          TrackingServiceGrpc.getRestoreExperimentMethod = getRestoreExperimentMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.RestoreExperimentRequest, dev.runlore.v1.RestoreExperimentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RestoreExperiment"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.RestoreExperimentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.RestoreExperimentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("RestoreExperiment"))
              .build();
        }
      }
    }
    return getRestoreExperimentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.PurgeExperimentRequest,
      dev.runlore.v1.PurgeExperimentResponse> getPurgeExperimentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PurgeExperiment",
      requestType = dev.runlore.v1.PurgeExperimentRequest.class,
      responseType = dev.runlore.v1.PurgeExperimentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.PurgeExperimentRequest,
      dev.runlore.v1.PurgeExperimentResponse> getPurgeExperimentMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.PurgeExperimentRequest, dev.runlore.v1.PurgeExperimentResponse> getPurgeExperimentMethod;
    if ((getPurgeExperimentMethod = TrackingServiceGrpc.getPurgeExperimentMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getPurgeExperimentMethod = TrackingServiceGrpc.getPurgeExperimentMethod) == null) {
          TrackingServiceGrpc.getPurgeExperimentMethod = getPurgeExperimentMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.PurgeExperimentRequest, dev.runlore.v1.PurgeExperimentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PurgeExperiment"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.PurgeExperimentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.PurgeExperimentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("PurgeExperiment"))
              .build();
        }
      }
    }
    return getPurgeExperimentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.CreateRunRequest,
      dev.runlore.v1.CreateRunResponse> getCreateRunMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateRun",
      requestType = dev.runlore.v1.CreateRunRequest.class,
      responseType = dev.runlore.v1.CreateRunResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.CreateRunRequest,
      dev.runlore.v1.CreateRunResponse> getCreateRunMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.CreateRunRequest, dev.runlore.v1.CreateRunResponse> getCreateRunMethod;
    if ((getCreateRunMethod = TrackingServiceGrpc.getCreateRunMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getCreateRunMethod = TrackingServiceGrpc.getCreateRunMethod) == null) {
          TrackingServiceGrpc.getCreateRunMethod = getCreateRunMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.CreateRunRequest, dev.runlore.v1.CreateRunResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateRun"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.CreateRunRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.CreateRunResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("CreateRun"))
              .build();
        }
      }
    }
    return getCreateRunMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.GetRunRequest,
      dev.runlore.v1.GetRunResponse> getGetRunMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetRun",
      requestType = dev.runlore.v1.GetRunRequest.class,
      responseType = dev.runlore.v1.GetRunResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.GetRunRequest,
      dev.runlore.v1.GetRunResponse> getGetRunMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.GetRunRequest, dev.runlore.v1.GetRunResponse> getGetRunMethod;
    if ((getGetRunMethod = TrackingServiceGrpc.getGetRunMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getGetRunMethod = TrackingServiceGrpc.getGetRunMethod) == null) {
          TrackingServiceGrpc.getGetRunMethod = getGetRunMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.GetRunRequest, dev.runlore.v1.GetRunResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetRun"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetRunRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetRunResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("GetRun"))
              .build();
        }
      }
    }
    return getGetRunMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.UpdateRunRequest,
      dev.runlore.v1.UpdateRunResponse> getUpdateRunMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateRun",
      requestType = dev.runlore.v1.UpdateRunRequest.class,
      responseType = dev.runlore.v1.UpdateRunResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.UpdateRunRequest,
      dev.runlore.v1.UpdateRunResponse> getUpdateRunMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.UpdateRunRequest, dev.runlore.v1.UpdateRunResponse> getUpdateRunMethod;
    if ((getUpdateRunMethod = TrackingServiceGrpc.getUpdateRunMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getUpdateRunMethod = TrackingServiceGrpc.getUpdateRunMethod) == null) {
          TrackingServiceGrpc.getUpdateRunMethod = getUpdateRunMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.UpdateRunRequest, dev.runlore.v1.UpdateRunResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateRun"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.UpdateRunRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.UpdateRunResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("UpdateRun"))
              .build();
        }
      }
    }
    return getUpdateRunMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.SearchRunsRequest,
      dev.runlore.v1.SearchRunsResponse> getSearchRunsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SearchRuns",
      requestType = dev.runlore.v1.SearchRunsRequest.class,
      responseType = dev.runlore.v1.SearchRunsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.SearchRunsRequest,
      dev.runlore.v1.SearchRunsResponse> getSearchRunsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.SearchRunsRequest, dev.runlore.v1.SearchRunsResponse> getSearchRunsMethod;
    if ((getSearchRunsMethod = TrackingServiceGrpc.getSearchRunsMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getSearchRunsMethod = TrackingServiceGrpc.getSearchRunsMethod) == null) {
          TrackingServiceGrpc.getSearchRunsMethod = getSearchRunsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.SearchRunsRequest, dev.runlore.v1.SearchRunsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SearchRuns"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SearchRunsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SearchRunsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("SearchRuns"))
              .build();
        }
      }
    }
    return getSearchRunsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.DeleteRunTagsRequest,
      dev.runlore.v1.DeleteRunTagsResponse> getDeleteRunTagsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteRunTags",
      requestType = dev.runlore.v1.DeleteRunTagsRequest.class,
      responseType = dev.runlore.v1.DeleteRunTagsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.DeleteRunTagsRequest,
      dev.runlore.v1.DeleteRunTagsResponse> getDeleteRunTagsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.DeleteRunTagsRequest, dev.runlore.v1.DeleteRunTagsResponse> getDeleteRunTagsMethod;
    if ((getDeleteRunTagsMethod = TrackingServiceGrpc.getDeleteRunTagsMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getDeleteRunTagsMethod = TrackingServiceGrpc.getDeleteRunTagsMethod) == null) {
          TrackingServiceGrpc.getDeleteRunTagsMethod = getDeleteRunTagsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.DeleteRunTagsRequest, dev.runlore.v1.DeleteRunTagsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteRunTags"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteRunTagsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteRunTagsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("DeleteRunTags"))
              .build();
        }
      }
    }
    return getDeleteRunTagsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.DeleteRunRequest,
      dev.runlore.v1.DeleteRunResponse> getDeleteRunMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteRun",
      requestType = dev.runlore.v1.DeleteRunRequest.class,
      responseType = dev.runlore.v1.DeleteRunResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.DeleteRunRequest,
      dev.runlore.v1.DeleteRunResponse> getDeleteRunMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.DeleteRunRequest, dev.runlore.v1.DeleteRunResponse> getDeleteRunMethod;
    if ((getDeleteRunMethod = TrackingServiceGrpc.getDeleteRunMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getDeleteRunMethod = TrackingServiceGrpc.getDeleteRunMethod) == null) {
          TrackingServiceGrpc.getDeleteRunMethod = getDeleteRunMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.DeleteRunRequest, dev.runlore.v1.DeleteRunResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteRun"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteRunRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteRunResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("DeleteRun"))
              .build();
        }
      }
    }
    return getDeleteRunMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.RestoreRunRequest,
      dev.runlore.v1.RestoreRunResponse> getRestoreRunMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RestoreRun",
      requestType = dev.runlore.v1.RestoreRunRequest.class,
      responseType = dev.runlore.v1.RestoreRunResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.RestoreRunRequest,
      dev.runlore.v1.RestoreRunResponse> getRestoreRunMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.RestoreRunRequest, dev.runlore.v1.RestoreRunResponse> getRestoreRunMethod;
    if ((getRestoreRunMethod = TrackingServiceGrpc.getRestoreRunMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getRestoreRunMethod = TrackingServiceGrpc.getRestoreRunMethod) == null) {
          TrackingServiceGrpc.getRestoreRunMethod = getRestoreRunMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.RestoreRunRequest, dev.runlore.v1.RestoreRunResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RestoreRun"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.RestoreRunRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.RestoreRunResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("RestoreRun"))
              .build();
        }
      }
    }
    return getRestoreRunMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.PurgeRunRequest,
      dev.runlore.v1.PurgeRunResponse> getPurgeRunMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PurgeRun",
      requestType = dev.runlore.v1.PurgeRunRequest.class,
      responseType = dev.runlore.v1.PurgeRunResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.PurgeRunRequest,
      dev.runlore.v1.PurgeRunResponse> getPurgeRunMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.PurgeRunRequest, dev.runlore.v1.PurgeRunResponse> getPurgeRunMethod;
    if ((getPurgeRunMethod = TrackingServiceGrpc.getPurgeRunMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getPurgeRunMethod = TrackingServiceGrpc.getPurgeRunMethod) == null) {
          TrackingServiceGrpc.getPurgeRunMethod = getPurgeRunMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.PurgeRunRequest, dev.runlore.v1.PurgeRunResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PurgeRun"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.PurgeRunRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.PurgeRunResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("PurgeRun"))
              .build();
        }
      }
    }
    return getPurgeRunMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.ListRunTreeRequest,
      dev.runlore.v1.ListRunTreeResponse> getListRunTreeMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListRunTree",
      requestType = dev.runlore.v1.ListRunTreeRequest.class,
      responseType = dev.runlore.v1.ListRunTreeResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.ListRunTreeRequest,
      dev.runlore.v1.ListRunTreeResponse> getListRunTreeMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.ListRunTreeRequest, dev.runlore.v1.ListRunTreeResponse> getListRunTreeMethod;
    if ((getListRunTreeMethod = TrackingServiceGrpc.getListRunTreeMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getListRunTreeMethod = TrackingServiceGrpc.getListRunTreeMethod) == null) {
          TrackingServiceGrpc.getListRunTreeMethod = getListRunTreeMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.ListRunTreeRequest, dev.runlore.v1.ListRunTreeResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListRunTree"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.ListRunTreeRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.ListRunTreeResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("ListRunTree"))
              .build();
        }
      }
    }
    return getListRunTreeMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.SummarizeSweepRequest,
      dev.runlore.v1.SummarizeSweepResponse> getSummarizeSweepMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SummarizeSweep",
      requestType = dev.runlore.v1.SummarizeSweepRequest.class,
      responseType = dev.runlore.v1.SummarizeSweepResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.SummarizeSweepRequest,
      dev.runlore.v1.SummarizeSweepResponse> getSummarizeSweepMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.SummarizeSweepRequest, dev.runlore.v1.SummarizeSweepResponse> getSummarizeSweepMethod;
    if ((getSummarizeSweepMethod = TrackingServiceGrpc.getSummarizeSweepMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getSummarizeSweepMethod = TrackingServiceGrpc.getSummarizeSweepMethod) == null) {
          TrackingServiceGrpc.getSummarizeSweepMethod = getSummarizeSweepMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.SummarizeSweepRequest, dev.runlore.v1.SummarizeSweepResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SummarizeSweep"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SummarizeSweepRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SummarizeSweepResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("SummarizeSweep"))
              .build();
        }
      }
    }
    return getSummarizeSweepMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.GetSweepTableRequest,
      dev.runlore.v1.GetSweepTableResponse> getGetSweepTableMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSweepTable",
      requestType = dev.runlore.v1.GetSweepTableRequest.class,
      responseType = dev.runlore.v1.GetSweepTableResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.GetSweepTableRequest,
      dev.runlore.v1.GetSweepTableResponse> getGetSweepTableMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.GetSweepTableRequest, dev.runlore.v1.GetSweepTableResponse> getGetSweepTableMethod;
    if ((getGetSweepTableMethod = TrackingServiceGrpc.getGetSweepTableMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getGetSweepTableMethod = TrackingServiceGrpc.getGetSweepTableMethod) == null) {
          TrackingServiceGrpc.getGetSweepTableMethod = getGetSweepTableMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.GetSweepTableRequest, dev.runlore.v1.GetSweepTableResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSweepTable"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetSweepTableRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetSweepTableResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("GetSweepTable"))
              .build();
        }
      }
    }
    return getGetSweepTableMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.LogBatchRequest,
      dev.runlore.v1.LogBatchResponse> getLogBatchMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "LogBatch",
      requestType = dev.runlore.v1.LogBatchRequest.class,
      responseType = dev.runlore.v1.LogBatchResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.LogBatchRequest,
      dev.runlore.v1.LogBatchResponse> getLogBatchMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.LogBatchRequest, dev.runlore.v1.LogBatchResponse> getLogBatchMethod;
    if ((getLogBatchMethod = TrackingServiceGrpc.getLogBatchMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getLogBatchMethod = TrackingServiceGrpc.getLogBatchMethod) == null) {
          TrackingServiceGrpc.getLogBatchMethod = getLogBatchMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.LogBatchRequest, dev.runlore.v1.LogBatchResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "LogBatch"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.LogBatchRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.LogBatchResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("LogBatch"))
              .build();
        }
      }
    }
    return getLogBatchMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.LogStreamRequest,
      dev.runlore.v1.LogStreamResponse> getLogStreamMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "LogStream",
      requestType = dev.runlore.v1.LogStreamRequest.class,
      responseType = dev.runlore.v1.LogStreamResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.LogStreamRequest,
      dev.runlore.v1.LogStreamResponse> getLogStreamMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.LogStreamRequest, dev.runlore.v1.LogStreamResponse> getLogStreamMethod;
    if ((getLogStreamMethod = TrackingServiceGrpc.getLogStreamMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getLogStreamMethod = TrackingServiceGrpc.getLogStreamMethod) == null) {
          TrackingServiceGrpc.getLogStreamMethod = getLogStreamMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.LogStreamRequest, dev.runlore.v1.LogStreamResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "LogStream"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.LogStreamRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.LogStreamResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("LogStream"))
              .build();
        }
      }
    }
    return getLogStreamMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.LogInputsRequest,
      dev.runlore.v1.LogInputsResponse> getLogInputsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "LogInputs",
      requestType = dev.runlore.v1.LogInputsRequest.class,
      responseType = dev.runlore.v1.LogInputsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.LogInputsRequest,
      dev.runlore.v1.LogInputsResponse> getLogInputsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.LogInputsRequest, dev.runlore.v1.LogInputsResponse> getLogInputsMethod;
    if ((getLogInputsMethod = TrackingServiceGrpc.getLogInputsMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getLogInputsMethod = TrackingServiceGrpc.getLogInputsMethod) == null) {
          TrackingServiceGrpc.getLogInputsMethod = getLogInputsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.LogInputsRequest, dev.runlore.v1.LogInputsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "LogInputs"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.LogInputsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.LogInputsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("LogInputs"))
              .build();
        }
      }
    }
    return getLogInputsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.LogOutputsRequest,
      dev.runlore.v1.LogOutputsResponse> getLogOutputsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "LogOutputs",
      requestType = dev.runlore.v1.LogOutputsRequest.class,
      responseType = dev.runlore.v1.LogOutputsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.LogOutputsRequest,
      dev.runlore.v1.LogOutputsResponse> getLogOutputsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.LogOutputsRequest, dev.runlore.v1.LogOutputsResponse> getLogOutputsMethod;
    if ((getLogOutputsMethod = TrackingServiceGrpc.getLogOutputsMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getLogOutputsMethod = TrackingServiceGrpc.getLogOutputsMethod) == null) {
          TrackingServiceGrpc.getLogOutputsMethod = getLogOutputsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.LogOutputsRequest, dev.runlore.v1.LogOutputsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "LogOutputs"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.LogOutputsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.LogOutputsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("LogOutputs"))
              .build();
        }
      }
    }
    return getLogOutputsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.SearchDatasetsRequest,
      dev.runlore.v1.SearchDatasetsResponse> getSearchDatasetsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SearchDatasets",
      requestType = dev.runlore.v1.SearchDatasetsRequest.class,
      responseType = dev.runlore.v1.SearchDatasetsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.SearchDatasetsRequest,
      dev.runlore.v1.SearchDatasetsResponse> getSearchDatasetsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.SearchDatasetsRequest, dev.runlore.v1.SearchDatasetsResponse> getSearchDatasetsMethod;
    if ((getSearchDatasetsMethod = TrackingServiceGrpc.getSearchDatasetsMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getSearchDatasetsMethod = TrackingServiceGrpc.getSearchDatasetsMethod) == null) {
          TrackingServiceGrpc.getSearchDatasetsMethod = getSearchDatasetsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.SearchDatasetsRequest, dev.runlore.v1.SearchDatasetsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SearchDatasets"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SearchDatasetsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SearchDatasetsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("SearchDatasets"))
              .build();
        }
      }
    }
    return getSearchDatasetsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.GetMetricHistoryRequest,
      dev.runlore.v1.GetMetricHistoryResponse> getGetMetricHistoryMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetMetricHistory",
      requestType = dev.runlore.v1.GetMetricHistoryRequest.class,
      responseType = dev.runlore.v1.GetMetricHistoryResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.GetMetricHistoryRequest,
      dev.runlore.v1.GetMetricHistoryResponse> getGetMetricHistoryMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.GetMetricHistoryRequest, dev.runlore.v1.GetMetricHistoryResponse> getGetMetricHistoryMethod;
    if ((getGetMetricHistoryMethod = TrackingServiceGrpc.getGetMetricHistoryMethod) == null) {
      synchronized (TrackingServiceGrpc.class) {
        if ((getGetMetricHistoryMethod = TrackingServiceGrpc.getGetMetricHistoryMethod) == null) {
          TrackingServiceGrpc.getGetMetricHistoryMethod = getGetMetricHistoryMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.GetMetricHistoryRequest, dev.runlore.v1.GetMetricHistoryResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetMetricHistory"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetMetricHistoryRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetMetricHistoryResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackingServiceMethodDescriptorSupplier("GetMetricHistory"))
              .build();
        }
      }
    }
    return getGetMetricHistoryMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static TrackingServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TrackingServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TrackingServiceStub>() {
        @java.lang.Override
        public TrackingServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TrackingServiceStub(channel, callOptions);
        }
      };
    return TrackingServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static TrackingServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TrackingServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TrackingServiceBlockingV2Stub>() {
        @java.lang.Override
        public TrackingServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TrackingServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return TrackingServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static TrackingServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TrackingServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TrackingServiceBlockingStub>() {
        @java.lang.Override
        public TrackingServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TrackingServiceBlockingStub(channel, callOptions);
        }
      };
    return TrackingServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static TrackingServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TrackingServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TrackingServiceFutureStub>() {
        @java.lang.Override
        public TrackingServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TrackingServiceFutureStub(channel, callOptions);
        }
      };
    return TrackingServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Records training runs.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Creates an experiment. Errors: EXPERIMENT_EXISTS.
     * </pre>
     */
    default void createExperiment(dev.runlore.v1.CreateExperimentRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.CreateExperimentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateExperimentMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns an experiment by id or by name. Errors: EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    default void getExperiment(dev.runlore.v1.GetExperimentRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetExperimentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetExperimentMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns the experiments that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    default void searchExperiments(dev.runlore.v1.SearchExperimentsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SearchExperimentsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSearchExperimentsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the named fields of an experiment: `name`, `description`, `artifact_location`. Setting what is there
     * already changes nothing. Errors: EXPERIMENT_NOT_FOUND, EXPERIMENT_EXISTS (the name is taken), ETAG_MISMATCH.
     * </pre>
     */
    default void updateExperiment(dev.runlore.v1.UpdateExperimentRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateExperimentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateExperimentMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sets and deletes tags of an experiment. Deleting a tag that is not there changes nothing. Errors:
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    default void setExperimentTags(dev.runlore.v1.SetExperimentTagsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SetExperimentTagsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetExperimentTagsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes an experiment: it and its runs are out of searches and take nothing new, and it keeps its name. Deleting
     * it again changes nothing. The default experiment cannot be deleted. Errors: EXPERIMENT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    default void deleteExperiment(dev.runlore.v1.DeleteExperimentRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteExperimentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteExperimentMethod(), responseObserver);
    }

    /**
     * <pre>
     * Restores a deleted experiment with its runs. Restoring an active one changes nothing. Errors:
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    default void restoreExperiment(dev.runlore.v1.RestoreExperimentRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.RestoreExperimentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRestoreExperimentMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes a deleted experiment for good, with its logged models, its runs and all that they logged, as PurgeRun does;
     * its name is free then. Many runs take several transactions: a purge that was broken off is taken up by the next
     * one. Errors: EXPERIMENT_NOT_FOUND, EXPERIMENT_NOT_DELETED (only what was deleted before can be purged).
     * </pre>
     */
    default void purgeExperiment(dev.runlore.v1.PurgeExperimentRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.PurgeExperimentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPurgeExperimentMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates a run, RUNNING unless told otherwise. A run has at most 100 runs above it. Errors: EXPERIMENT_NOT_FOUND,
     * EXPERIMENT_DELETED, RUN_NOT_FOUND and RUN_DELETED (the parent), RUN_EXISTS.
     * </pre>
     */
    default void createRun(dev.runlore.v1.CreateRunRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.CreateRunResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateRunMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a run with its params, tags and metric summaries. Errors: RUN_NOT_FOUND.
     * </pre>
     */
    default void getRun(dev.runlore.v1.GetRunRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetRunResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetRunMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the named fields of a run: `name`, `status`, `end_time`. Setting a final status without an end time ends
     * the run now; setting RUNNING or SCHEDULED clears the end time. A run that the server closed as stale takes its
     * writer's own status like any other, and ends then. Setting what is there already changes nothing.
     * Errors: RUN_NOT_FOUND, RUN_DELETED, ETAG_MISMATCH.
     * </pre>
     */
    default void updateRun(dev.runlore.v1.UpdateRunRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateRunResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateRunMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns the runs that match a filter, a page at a time. What one call may cost is bounded: where no plan answers
     * within that, the page is short, exact as far as it goes, and has a token to go on with; or the call is refused
     * with the part that is too expensive. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN, EXPERIMENT_NOT_FOUND,
     * SEARCH_TOO_EXPENSIVE.
     * </pre>
     */
    default void searchRuns(dev.runlore.v1.SearchRunsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SearchRunsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSearchRunsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes tags of a run. Deleting a tag that is not there changes nothing. Errors: RUN_NOT_FOUND, RUN_DELETED.
     * </pre>
     */
    default void deleteRunTags(dev.runlore.v1.DeleteRunTagsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteRunTagsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteRunTagsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a run: it is out of searches and takes nothing new; versions registered from it keep their evidence and
     * files. Its children stay as they are. Deleting it again changes nothing. Errors: RUN_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    default void deleteRun(dev.runlore.v1.DeleteRunRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteRunResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteRunMethod(), responseObserver);
    }

    /**
     * <pre>
     * Restores a deleted run. Restoring an active one changes nothing. A run of a deleted experiment comes back with its
     * experiment only. Errors: RUN_NOT_FOUND, EXPERIMENT_DELETED.
     * </pre>
     */
    default void restoreRun(dev.runlore.v1.RestoreRunRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.RestoreRunResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRestoreRunMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes a deleted run for good, with its params, tags and metric points, which are cleaned up in the background.
     * Its events stay, versions registered from it keep their evidence and files, and its children stay as they are. Its
     * id is not given again. The server does the same by itself to what was deleted for longer than its `--purge-after`.
     * Errors: RUN_NOT_FOUND, RUN_NOT_DELETED (only what was deleted before, by itself or with its experiment, can be
     * purged).
     * </pre>
     */
    default void purgeRun(dev.runlore.v1.PurgeRunRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.PurgeRunResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPurgeRunMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists a run and its active descendants, each parent before its children, children by their start. A deleted
     * descendant is left out with everything below it. Errors: RUN_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    default void listRunTree(dev.runlore.v1.ListRunTreeRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.ListRunTreeResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListRunTreeMethod(), responseObserver);
    }

    /**
     * <pre>
     * Summarizes the active children of a run, as those of a sweep: the best by a metric, how many stand where, and
     * which params vary. Errors: RUN_NOT_FOUND.
     * </pre>
     */
    default void summarizeSweep(dev.runlore.v1.SummarizeSweepRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SummarizeSweepResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSummarizeSweepMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns the active children of a run as columns, a page of rows at a time: the params that vary and the metrics asked
     * for, ready for a parallel-coordinates plot. Errors: RUN_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    default void getSweepTable(dev.runlore.v1.GetSweepTableRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetSweepTableResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSweepTableMethod(), responseObserver);
    }

    /**
     * <pre>
     * Adds metric points, params and tags to a run, all or nothing. Exactly once: points carry their writer's sequence
     * number, and a batch that was committed already is acknowledged without being stored again. Params are immutable
     * (the same value again is fine), tags take the new value. Errors: RUN_NOT_FOUND, RUN_DELETED, PARAM_CONFLICT,
     * SEQUENCE_GAP, BATCH_TOO_LARGE.
     * </pre>
     */
    default void logBatch(dev.runlore.v1.LogBatchRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.LogBatchResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getLogBatchMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams a run's metric points, exactly once: the server commits points and the writer's watermark together, and only
     * then acknowledges. The first message opens the stream, every further one is a frame; the server answers the first
     * with where to go on, and acknowledges frames as they are committed, several at once when they are. A client that
     * lost its stream opens another and goes on after `committed_points`. The stream ends when the client closes its side
     * and all of its frames are acknowledged, or at once with an error, which leaves what was acknowledged committed.
     * Errors: RUN_NOT_FOUND, RUN_DELETED, SEQUENCE_GAP, BATCH_TOO_LARGE (a frame with more than
     * ServerLimits.max_points_per_frame points).
     * </pre>
     */
    default io.grpc.stub.StreamObserver<dev.runlore.v1.LogStreamRequest> logStream(
        io.grpc.stub.StreamObserver<dev.runlore.v1.LogStreamResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getLogStreamMethod(), responseObserver);
    }

    /**
     * <pre>
     * Records which datasets and logged models a run reads. An input that is there already stays as it is, but for tags
     * with other values, which take them; so repeating a call changes nothing. Errors: RUN_NOT_FOUND, RUN_DELETED,
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, BATCH_TOO_LARGE (the run would have more inputs than one may).
     * </pre>
     */
    default void logInputs(dev.runlore.v1.LogInputsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.LogInputsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getLogInputsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Records which logged models a run made. Recording one again at the same step changes nothing. Errors:
     * RUN_NOT_FOUND, RUN_DELETED, LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, BATCH_TOO_LARGE (the run would have more
     * outputs than one may).
     * </pre>
     */
    default void logOutputs(dev.runlore.v1.LogOutputsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.LogOutputsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getLogOutputsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the datasets that runs read, by name, a page at a time. Errors: EXPERIMENT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    default void searchDatasets(dev.runlore.v1.SearchDatasetsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SearchDatasetsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSearchDatasetsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams the points of runs' series: run by run in the order asked for, series by series in the order of their keys'
     * UTF-8 bytes, each in the order written; all of them, those of a range, or so many that stand for them. All from the
     * moment of the call, whatever is logged or deleted meanwhile, and however slowly a client reads: a stream that waits
     * for its reader holds nothing in the database and has no end but the call's deadline. A run that is purged meanwhile
     * ends it with RUN_NOT_FOUND, unless all of its points are on their way. Errors: RUN_NOT_FOUND.
     * </pre>
     */
    default void getMetricHistory(dev.runlore.v1.GetMetricHistoryRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetMetricHistoryResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetMetricHistoryMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service TrackingService.
   * <pre>
   * Records training runs.
   * </pre>
   */
  public static abstract class TrackingServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return TrackingServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service TrackingService.
   * <pre>
   * Records training runs.
   * </pre>
   */
  public static final class TrackingServiceStub
      extends io.grpc.stub.AbstractAsyncStub<TrackingServiceStub> {
    private TrackingServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TrackingServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TrackingServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates an experiment. Errors: EXPERIMENT_EXISTS.
     * </pre>
     */
    public void createExperiment(dev.runlore.v1.CreateExperimentRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.CreateExperimentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateExperimentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns an experiment by id or by name. Errors: EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public void getExperiment(dev.runlore.v1.GetExperimentRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetExperimentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetExperimentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns the experiments that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public void searchExperiments(dev.runlore.v1.SearchExperimentsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SearchExperimentsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSearchExperimentsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the named fields of an experiment: `name`, `description`, `artifact_location`. Setting what is there
     * already changes nothing. Errors: EXPERIMENT_NOT_FOUND, EXPERIMENT_EXISTS (the name is taken), ETAG_MISMATCH.
     * </pre>
     */
    public void updateExperiment(dev.runlore.v1.UpdateExperimentRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateExperimentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateExperimentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sets and deletes tags of an experiment. Deleting a tag that is not there changes nothing. Errors:
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public void setExperimentTags(dev.runlore.v1.SetExperimentTagsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SetExperimentTagsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetExperimentTagsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes an experiment: it and its runs are out of searches and take nothing new, and it keeps its name. Deleting
     * it again changes nothing. The default experiment cannot be deleted. Errors: EXPERIMENT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public void deleteExperiment(dev.runlore.v1.DeleteExperimentRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteExperimentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteExperimentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Restores a deleted experiment with its runs. Restoring an active one changes nothing. Errors:
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public void restoreExperiment(dev.runlore.v1.RestoreExperimentRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.RestoreExperimentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRestoreExperimentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes a deleted experiment for good, with its logged models, its runs and all that they logged, as PurgeRun does;
     * its name is free then. Many runs take several transactions: a purge that was broken off is taken up by the next
     * one. Errors: EXPERIMENT_NOT_FOUND, EXPERIMENT_NOT_DELETED (only what was deleted before can be purged).
     * </pre>
     */
    public void purgeExperiment(dev.runlore.v1.PurgeExperimentRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.PurgeExperimentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPurgeExperimentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates a run, RUNNING unless told otherwise. A run has at most 100 runs above it. Errors: EXPERIMENT_NOT_FOUND,
     * EXPERIMENT_DELETED, RUN_NOT_FOUND and RUN_DELETED (the parent), RUN_EXISTS.
     * </pre>
     */
    public void createRun(dev.runlore.v1.CreateRunRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.CreateRunResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateRunMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a run with its params, tags and metric summaries. Errors: RUN_NOT_FOUND.
     * </pre>
     */
    public void getRun(dev.runlore.v1.GetRunRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetRunResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetRunMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the named fields of a run: `name`, `status`, `end_time`. Setting a final status without an end time ends
     * the run now; setting RUNNING or SCHEDULED clears the end time. A run that the server closed as stale takes its
     * writer's own status like any other, and ends then. Setting what is there already changes nothing.
     * Errors: RUN_NOT_FOUND, RUN_DELETED, ETAG_MISMATCH.
     * </pre>
     */
    public void updateRun(dev.runlore.v1.UpdateRunRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateRunResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateRunMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns the runs that match a filter, a page at a time. What one call may cost is bounded: where no plan answers
     * within that, the page is short, exact as far as it goes, and has a token to go on with; or the call is refused
     * with the part that is too expensive. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN, EXPERIMENT_NOT_FOUND,
     * SEARCH_TOO_EXPENSIVE.
     * </pre>
     */
    public void searchRuns(dev.runlore.v1.SearchRunsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SearchRunsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSearchRunsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes tags of a run. Deleting a tag that is not there changes nothing. Errors: RUN_NOT_FOUND, RUN_DELETED.
     * </pre>
     */
    public void deleteRunTags(dev.runlore.v1.DeleteRunTagsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteRunTagsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteRunTagsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a run: it is out of searches and takes nothing new; versions registered from it keep their evidence and
     * files. Its children stay as they are. Deleting it again changes nothing. Errors: RUN_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public void deleteRun(dev.runlore.v1.DeleteRunRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteRunResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteRunMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Restores a deleted run. Restoring an active one changes nothing. A run of a deleted experiment comes back with its
     * experiment only. Errors: RUN_NOT_FOUND, EXPERIMENT_DELETED.
     * </pre>
     */
    public void restoreRun(dev.runlore.v1.RestoreRunRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.RestoreRunResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRestoreRunMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes a deleted run for good, with its params, tags and metric points, which are cleaned up in the background.
     * Its events stay, versions registered from it keep their evidence and files, and its children stay as they are. Its
     * id is not given again. The server does the same by itself to what was deleted for longer than its `--purge-after`.
     * Errors: RUN_NOT_FOUND, RUN_NOT_DELETED (only what was deleted before, by itself or with its experiment, can be
     * purged).
     * </pre>
     */
    public void purgeRun(dev.runlore.v1.PurgeRunRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.PurgeRunResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPurgeRunMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists a run and its active descendants, each parent before its children, children by their start. A deleted
     * descendant is left out with everything below it. Errors: RUN_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public void listRunTree(dev.runlore.v1.ListRunTreeRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.ListRunTreeResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListRunTreeMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Summarizes the active children of a run, as those of a sweep: the best by a metric, how many stand where, and
     * which params vary. Errors: RUN_NOT_FOUND.
     * </pre>
     */
    public void summarizeSweep(dev.runlore.v1.SummarizeSweepRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SummarizeSweepResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSummarizeSweepMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns the active children of a run as columns, a page of rows at a time: the params that vary and the metrics asked
     * for, ready for a parallel-coordinates plot. Errors: RUN_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public void getSweepTable(dev.runlore.v1.GetSweepTableRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetSweepTableResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSweepTableMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Adds metric points, params and tags to a run, all or nothing. Exactly once: points carry their writer's sequence
     * number, and a batch that was committed already is acknowledged without being stored again. Params are immutable
     * (the same value again is fine), tags take the new value. Errors: RUN_NOT_FOUND, RUN_DELETED, PARAM_CONFLICT,
     * SEQUENCE_GAP, BATCH_TOO_LARGE.
     * </pre>
     */
    public void logBatch(dev.runlore.v1.LogBatchRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.LogBatchResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getLogBatchMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams a run's metric points, exactly once: the server commits points and the writer's watermark together, and only
     * then acknowledges. The first message opens the stream, every further one is a frame; the server answers the first
     * with where to go on, and acknowledges frames as they are committed, several at once when they are. A client that
     * lost its stream opens another and goes on after `committed_points`. The stream ends when the client closes its side
     * and all of its frames are acknowledged, or at once with an error, which leaves what was acknowledged committed.
     * Errors: RUN_NOT_FOUND, RUN_DELETED, SEQUENCE_GAP, BATCH_TOO_LARGE (a frame with more than
     * ServerLimits.max_points_per_frame points).
     * </pre>
     */
    public io.grpc.stub.StreamObserver<dev.runlore.v1.LogStreamRequest> logStream(
        io.grpc.stub.StreamObserver<dev.runlore.v1.LogStreamResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getLogStreamMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * Records which datasets and logged models a run reads. An input that is there already stays as it is, but for tags
     * with other values, which take them; so repeating a call changes nothing. Errors: RUN_NOT_FOUND, RUN_DELETED,
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, BATCH_TOO_LARGE (the run would have more inputs than one may).
     * </pre>
     */
    public void logInputs(dev.runlore.v1.LogInputsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.LogInputsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getLogInputsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Records which logged models a run made. Recording one again at the same step changes nothing. Errors:
     * RUN_NOT_FOUND, RUN_DELETED, LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, BATCH_TOO_LARGE (the run would have more
     * outputs than one may).
     * </pre>
     */
    public void logOutputs(dev.runlore.v1.LogOutputsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.LogOutputsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getLogOutputsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the datasets that runs read, by name, a page at a time. Errors: EXPERIMENT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public void searchDatasets(dev.runlore.v1.SearchDatasetsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SearchDatasetsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSearchDatasetsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams the points of runs' series: run by run in the order asked for, series by series in the order of their keys'
     * UTF-8 bytes, each in the order written; all of them, those of a range, or so many that stand for them. All from the
     * moment of the call, whatever is logged or deleted meanwhile, and however slowly a client reads: a stream that waits
     * for its reader holds nothing in the database and has no end but the call's deadline. A run that is purged meanwhile
     * ends it with RUN_NOT_FOUND, unless all of its points are on their way. Errors: RUN_NOT_FOUND.
     * </pre>
     */
    public void getMetricHistory(dev.runlore.v1.GetMetricHistoryRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetMetricHistoryResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getGetMetricHistoryMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service TrackingService.
   * <pre>
   * Records training runs.
   * </pre>
   */
  public static final class TrackingServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<TrackingServiceBlockingV2Stub> {
    private TrackingServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TrackingServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TrackingServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates an experiment. Errors: EXPERIMENT_EXISTS.
     * </pre>
     */
    public dev.runlore.v1.CreateExperimentResponse createExperiment(dev.runlore.v1.CreateExperimentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateExperimentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns an experiment by id or by name. Errors: EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.GetExperimentResponse getExperiment(dev.runlore.v1.GetExperimentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetExperimentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the experiments that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.SearchExperimentsResponse searchExperiments(dev.runlore.v1.SearchExperimentsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSearchExperimentsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the named fields of an experiment: `name`, `description`, `artifact_location`. Setting what is there
     * already changes nothing. Errors: EXPERIMENT_NOT_FOUND, EXPERIMENT_EXISTS (the name is taken), ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.UpdateExperimentResponse updateExperiment(dev.runlore.v1.UpdateExperimentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateExperimentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets and deletes tags of an experiment. Deleting a tag that is not there changes nothing. Errors:
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.SetExperimentTagsResponse setExperimentTags(dev.runlore.v1.SetExperimentTagsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetExperimentTagsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes an experiment: it and its runs are out of searches and take nothing new, and it keeps its name. Deleting
     * it again changes nothing. The default experiment cannot be deleted. Errors: EXPERIMENT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.DeleteExperimentResponse deleteExperiment(dev.runlore.v1.DeleteExperimentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteExperimentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Restores a deleted experiment with its runs. Restoring an active one changes nothing. Errors:
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.RestoreExperimentResponse restoreExperiment(dev.runlore.v1.RestoreExperimentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRestoreExperimentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a deleted experiment for good, with its logged models, its runs and all that they logged, as PurgeRun does;
     * its name is free then. Many runs take several transactions: a purge that was broken off is taken up by the next
     * one. Errors: EXPERIMENT_NOT_FOUND, EXPERIMENT_NOT_DELETED (only what was deleted before can be purged).
     * </pre>
     */
    public dev.runlore.v1.PurgeExperimentResponse purgeExperiment(dev.runlore.v1.PurgeExperimentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPurgeExperimentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a run, RUNNING unless told otherwise. A run has at most 100 runs above it. Errors: EXPERIMENT_NOT_FOUND,
     * EXPERIMENT_DELETED, RUN_NOT_FOUND and RUN_DELETED (the parent), RUN_EXISTS.
     * </pre>
     */
    public dev.runlore.v1.CreateRunResponse createRun(dev.runlore.v1.CreateRunRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateRunMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a run with its params, tags and metric summaries. Errors: RUN_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.GetRunResponse getRun(dev.runlore.v1.GetRunRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetRunMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the named fields of a run: `name`, `status`, `end_time`. Setting a final status without an end time ends
     * the run now; setting RUNNING or SCHEDULED clears the end time. A run that the server closed as stale takes its
     * writer's own status like any other, and ends then. Setting what is there already changes nothing.
     * Errors: RUN_NOT_FOUND, RUN_DELETED, ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.UpdateRunResponse updateRun(dev.runlore.v1.UpdateRunRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateRunMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the runs that match a filter, a page at a time. What one call may cost is bounded: where no plan answers
     * within that, the page is short, exact as far as it goes, and has a token to go on with; or the call is refused
     * with the part that is too expensive. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN, EXPERIMENT_NOT_FOUND,
     * SEARCH_TOO_EXPENSIVE.
     * </pre>
     */
    public dev.runlore.v1.SearchRunsResponse searchRuns(dev.runlore.v1.SearchRunsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSearchRunsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes tags of a run. Deleting a tag that is not there changes nothing. Errors: RUN_NOT_FOUND, RUN_DELETED.
     * </pre>
     */
    public dev.runlore.v1.DeleteRunTagsResponse deleteRunTags(dev.runlore.v1.DeleteRunTagsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteRunTagsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a run: it is out of searches and takes nothing new; versions registered from it keep their evidence and
     * files. Its children stay as they are. Deleting it again changes nothing. Errors: RUN_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.DeleteRunResponse deleteRun(dev.runlore.v1.DeleteRunRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteRunMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Restores a deleted run. Restoring an active one changes nothing. A run of a deleted experiment comes back with its
     * experiment only. Errors: RUN_NOT_FOUND, EXPERIMENT_DELETED.
     * </pre>
     */
    public dev.runlore.v1.RestoreRunResponse restoreRun(dev.runlore.v1.RestoreRunRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRestoreRunMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a deleted run for good, with its params, tags and metric points, which are cleaned up in the background.
     * Its events stay, versions registered from it keep their evidence and files, and its children stay as they are. Its
     * id is not given again. The server does the same by itself to what was deleted for longer than its `--purge-after`.
     * Errors: RUN_NOT_FOUND, RUN_NOT_DELETED (only what was deleted before, by itself or with its experiment, can be
     * purged).
     * </pre>
     */
    public dev.runlore.v1.PurgeRunResponse purgeRun(dev.runlore.v1.PurgeRunRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPurgeRunMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists a run and its active descendants, each parent before its children, children by their start. A deleted
     * descendant is left out with everything below it. Errors: RUN_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.ListRunTreeResponse listRunTree(dev.runlore.v1.ListRunTreeRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListRunTreeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Summarizes the active children of a run, as those of a sweep: the best by a metric, how many stand where, and
     * which params vary. Errors: RUN_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.SummarizeSweepResponse summarizeSweep(dev.runlore.v1.SummarizeSweepRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSummarizeSweepMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the active children of a run as columns, a page of rows at a time: the params that vary and the metrics asked
     * for, ready for a parallel-coordinates plot. Errors: RUN_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.GetSweepTableResponse getSweepTable(dev.runlore.v1.GetSweepTableRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSweepTableMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Adds metric points, params and tags to a run, all or nothing. Exactly once: points carry their writer's sequence
     * number, and a batch that was committed already is acknowledged without being stored again. Params are immutable
     * (the same value again is fine), tags take the new value. Errors: RUN_NOT_FOUND, RUN_DELETED, PARAM_CONFLICT,
     * SEQUENCE_GAP, BATCH_TOO_LARGE.
     * </pre>
     */
    public dev.runlore.v1.LogBatchResponse logBatch(dev.runlore.v1.LogBatchRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getLogBatchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams a run's metric points, exactly once: the server commits points and the writer's watermark together, and only
     * then acknowledges. The first message opens the stream, every further one is a frame; the server answers the first
     * with where to go on, and acknowledges frames as they are committed, several at once when they are. A client that
     * lost its stream opens another and goes on after `committed_points`. The stream ends when the client closes its side
     * and all of its frames are acknowledged, or at once with an error, which leaves what was acknowledged committed.
     * Errors: RUN_NOT_FOUND, RUN_DELETED, SEQUENCE_GAP, BATCH_TOO_LARGE (a frame with more than
     * ServerLimits.max_points_per_frame points).
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<dev.runlore.v1.LogStreamRequest, dev.runlore.v1.LogStreamResponse>
        logStream() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getLogStreamMethod(), getCallOptions());
    }

    /**
     * <pre>
     * Records which datasets and logged models a run reads. An input that is there already stays as it is, but for tags
     * with other values, which take them; so repeating a call changes nothing. Errors: RUN_NOT_FOUND, RUN_DELETED,
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, BATCH_TOO_LARGE (the run would have more inputs than one may).
     * </pre>
     */
    public dev.runlore.v1.LogInputsResponse logInputs(dev.runlore.v1.LogInputsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getLogInputsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Records which logged models a run made. Recording one again at the same step changes nothing. Errors:
     * RUN_NOT_FOUND, RUN_DELETED, LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, BATCH_TOO_LARGE (the run would have more
     * outputs than one may).
     * </pre>
     */
    public dev.runlore.v1.LogOutputsResponse logOutputs(dev.runlore.v1.LogOutputsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getLogOutputsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the datasets that runs read, by name, a page at a time. Errors: EXPERIMENT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.SearchDatasetsResponse searchDatasets(dev.runlore.v1.SearchDatasetsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSearchDatasetsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the points of runs' series: run by run in the order asked for, series by series in the order of their keys'
     * UTF-8 bytes, each in the order written; all of them, those of a range, or so many that stand for them. All from the
     * moment of the call, whatever is logged or deleted meanwhile, and however slowly a client reads: a stream that waits
     * for its reader holds nothing in the database and has no end but the call's deadline. A run that is purged meanwhile
     * ends it with RUN_NOT_FOUND, unless all of its points are on their way. Errors: RUN_NOT_FOUND.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.runlore.v1.GetMetricHistoryResponse>
        getMetricHistory(dev.runlore.v1.GetMetricHistoryRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getGetMetricHistoryMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service TrackingService.
   * <pre>
   * Records training runs.
   * </pre>
   */
  public static final class TrackingServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<TrackingServiceBlockingStub> {
    private TrackingServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TrackingServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TrackingServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates an experiment. Errors: EXPERIMENT_EXISTS.
     * </pre>
     */
    public dev.runlore.v1.CreateExperimentResponse createExperiment(dev.runlore.v1.CreateExperimentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateExperimentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns an experiment by id or by name. Errors: EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.GetExperimentResponse getExperiment(dev.runlore.v1.GetExperimentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetExperimentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the experiments that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.SearchExperimentsResponse searchExperiments(dev.runlore.v1.SearchExperimentsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSearchExperimentsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the named fields of an experiment: `name`, `description`, `artifact_location`. Setting what is there
     * already changes nothing. Errors: EXPERIMENT_NOT_FOUND, EXPERIMENT_EXISTS (the name is taken), ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.UpdateExperimentResponse updateExperiment(dev.runlore.v1.UpdateExperimentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateExperimentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets and deletes tags of an experiment. Deleting a tag that is not there changes nothing. Errors:
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.SetExperimentTagsResponse setExperimentTags(dev.runlore.v1.SetExperimentTagsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetExperimentTagsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes an experiment: it and its runs are out of searches and take nothing new, and it keeps its name. Deleting
     * it again changes nothing. The default experiment cannot be deleted. Errors: EXPERIMENT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.DeleteExperimentResponse deleteExperiment(dev.runlore.v1.DeleteExperimentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteExperimentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Restores a deleted experiment with its runs. Restoring an active one changes nothing. Errors:
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.RestoreExperimentResponse restoreExperiment(dev.runlore.v1.RestoreExperimentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRestoreExperimentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a deleted experiment for good, with its logged models, its runs and all that they logged, as PurgeRun does;
     * its name is free then. Many runs take several transactions: a purge that was broken off is taken up by the next
     * one. Errors: EXPERIMENT_NOT_FOUND, EXPERIMENT_NOT_DELETED (only what was deleted before can be purged).
     * </pre>
     */
    public dev.runlore.v1.PurgeExperimentResponse purgeExperiment(dev.runlore.v1.PurgeExperimentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPurgeExperimentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a run, RUNNING unless told otherwise. A run has at most 100 runs above it. Errors: EXPERIMENT_NOT_FOUND,
     * EXPERIMENT_DELETED, RUN_NOT_FOUND and RUN_DELETED (the parent), RUN_EXISTS.
     * </pre>
     */
    public dev.runlore.v1.CreateRunResponse createRun(dev.runlore.v1.CreateRunRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateRunMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a run with its params, tags and metric summaries. Errors: RUN_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.GetRunResponse getRun(dev.runlore.v1.GetRunRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetRunMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the named fields of a run: `name`, `status`, `end_time`. Setting a final status without an end time ends
     * the run now; setting RUNNING or SCHEDULED clears the end time. A run that the server closed as stale takes its
     * writer's own status like any other, and ends then. Setting what is there already changes nothing.
     * Errors: RUN_NOT_FOUND, RUN_DELETED, ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.UpdateRunResponse updateRun(dev.runlore.v1.UpdateRunRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateRunMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the runs that match a filter, a page at a time. What one call may cost is bounded: where no plan answers
     * within that, the page is short, exact as far as it goes, and has a token to go on with; or the call is refused
     * with the part that is too expensive. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN, EXPERIMENT_NOT_FOUND,
     * SEARCH_TOO_EXPENSIVE.
     * </pre>
     */
    public dev.runlore.v1.SearchRunsResponse searchRuns(dev.runlore.v1.SearchRunsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSearchRunsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes tags of a run. Deleting a tag that is not there changes nothing. Errors: RUN_NOT_FOUND, RUN_DELETED.
     * </pre>
     */
    public dev.runlore.v1.DeleteRunTagsResponse deleteRunTags(dev.runlore.v1.DeleteRunTagsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteRunTagsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a run: it is out of searches and takes nothing new; versions registered from it keep their evidence and
     * files. Its children stay as they are. Deleting it again changes nothing. Errors: RUN_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.DeleteRunResponse deleteRun(dev.runlore.v1.DeleteRunRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteRunMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Restores a deleted run. Restoring an active one changes nothing. A run of a deleted experiment comes back with its
     * experiment only. Errors: RUN_NOT_FOUND, EXPERIMENT_DELETED.
     * </pre>
     */
    public dev.runlore.v1.RestoreRunResponse restoreRun(dev.runlore.v1.RestoreRunRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRestoreRunMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a deleted run for good, with its params, tags and metric points, which are cleaned up in the background.
     * Its events stay, versions registered from it keep their evidence and files, and its children stay as they are. Its
     * id is not given again. The server does the same by itself to what was deleted for longer than its `--purge-after`.
     * Errors: RUN_NOT_FOUND, RUN_NOT_DELETED (only what was deleted before, by itself or with its experiment, can be
     * purged).
     * </pre>
     */
    public dev.runlore.v1.PurgeRunResponse purgeRun(dev.runlore.v1.PurgeRunRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPurgeRunMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists a run and its active descendants, each parent before its children, children by their start. A deleted
     * descendant is left out with everything below it. Errors: RUN_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.ListRunTreeResponse listRunTree(dev.runlore.v1.ListRunTreeRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListRunTreeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Summarizes the active children of a run, as those of a sweep: the best by a metric, how many stand where, and
     * which params vary. Errors: RUN_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.SummarizeSweepResponse summarizeSweep(dev.runlore.v1.SummarizeSweepRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSummarizeSweepMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the active children of a run as columns, a page of rows at a time: the params that vary and the metrics asked
     * for, ready for a parallel-coordinates plot. Errors: RUN_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.GetSweepTableResponse getSweepTable(dev.runlore.v1.GetSweepTableRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSweepTableMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Adds metric points, params and tags to a run, all or nothing. Exactly once: points carry their writer's sequence
     * number, and a batch that was committed already is acknowledged without being stored again. Params are immutable
     * (the same value again is fine), tags take the new value. Errors: RUN_NOT_FOUND, RUN_DELETED, PARAM_CONFLICT,
     * SEQUENCE_GAP, BATCH_TOO_LARGE.
     * </pre>
     */
    public dev.runlore.v1.LogBatchResponse logBatch(dev.runlore.v1.LogBatchRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getLogBatchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Records which datasets and logged models a run reads. An input that is there already stays as it is, but for tags
     * with other values, which take them; so repeating a call changes nothing. Errors: RUN_NOT_FOUND, RUN_DELETED,
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, BATCH_TOO_LARGE (the run would have more inputs than one may).
     * </pre>
     */
    public dev.runlore.v1.LogInputsResponse logInputs(dev.runlore.v1.LogInputsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getLogInputsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Records which logged models a run made. Recording one again at the same step changes nothing. Errors:
     * RUN_NOT_FOUND, RUN_DELETED, LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, BATCH_TOO_LARGE (the run would have more
     * outputs than one may).
     * </pre>
     */
    public dev.runlore.v1.LogOutputsResponse logOutputs(dev.runlore.v1.LogOutputsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getLogOutputsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the datasets that runs read, by name, a page at a time. Errors: EXPERIMENT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.SearchDatasetsResponse searchDatasets(dev.runlore.v1.SearchDatasetsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSearchDatasetsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the points of runs' series: run by run in the order asked for, series by series in the order of their keys'
     * UTF-8 bytes, each in the order written; all of them, those of a range, or so many that stand for them. All from the
     * moment of the call, whatever is logged or deleted meanwhile, and however slowly a client reads: a stream that waits
     * for its reader holds nothing in the database and has no end but the call's deadline. A run that is purged meanwhile
     * ends it with RUN_NOT_FOUND, unless all of its points are on their way. Errors: RUN_NOT_FOUND.
     * </pre>
     */
    public java.util.Iterator<dev.runlore.v1.GetMetricHistoryResponse> getMetricHistory(
        dev.runlore.v1.GetMetricHistoryRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getGetMetricHistoryMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service TrackingService.
   * <pre>
   * Records training runs.
   * </pre>
   */
  public static final class TrackingServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<TrackingServiceFutureStub> {
    private TrackingServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TrackingServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TrackingServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates an experiment. Errors: EXPERIMENT_EXISTS.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.CreateExperimentResponse> createExperiment(
        dev.runlore.v1.CreateExperimentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateExperimentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns an experiment by id or by name. Errors: EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.GetExperimentResponse> getExperiment(
        dev.runlore.v1.GetExperimentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetExperimentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns the experiments that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.SearchExperimentsResponse> searchExperiments(
        dev.runlore.v1.SearchExperimentsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSearchExperimentsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the named fields of an experiment: `name`, `description`, `artifact_location`. Setting what is there
     * already changes nothing. Errors: EXPERIMENT_NOT_FOUND, EXPERIMENT_EXISTS (the name is taken), ETAG_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.UpdateExperimentResponse> updateExperiment(
        dev.runlore.v1.UpdateExperimentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateExperimentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sets and deletes tags of an experiment. Deleting a tag that is not there changes nothing. Errors:
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.SetExperimentTagsResponse> setExperimentTags(
        dev.runlore.v1.SetExperimentTagsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetExperimentTagsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes an experiment: it and its runs are out of searches and take nothing new, and it keeps its name. Deleting
     * it again changes nothing. The default experiment cannot be deleted. Errors: EXPERIMENT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.DeleteExperimentResponse> deleteExperiment(
        dev.runlore.v1.DeleteExperimentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteExperimentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Restores a deleted experiment with its runs. Restoring an active one changes nothing. Errors:
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.RestoreExperimentResponse> restoreExperiment(
        dev.runlore.v1.RestoreExperimentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRestoreExperimentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes a deleted experiment for good, with its logged models, its runs and all that they logged, as PurgeRun does;
     * its name is free then. Many runs take several transactions: a purge that was broken off is taken up by the next
     * one. Errors: EXPERIMENT_NOT_FOUND, EXPERIMENT_NOT_DELETED (only what was deleted before can be purged).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.PurgeExperimentResponse> purgeExperiment(
        dev.runlore.v1.PurgeExperimentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPurgeExperimentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates a run, RUNNING unless told otherwise. A run has at most 100 runs above it. Errors: EXPERIMENT_NOT_FOUND,
     * EXPERIMENT_DELETED, RUN_NOT_FOUND and RUN_DELETED (the parent), RUN_EXISTS.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.CreateRunResponse> createRun(
        dev.runlore.v1.CreateRunRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateRunMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a run with its params, tags and metric summaries. Errors: RUN_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.GetRunResponse> getRun(
        dev.runlore.v1.GetRunRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetRunMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the named fields of a run: `name`, `status`, `end_time`. Setting a final status without an end time ends
     * the run now; setting RUNNING or SCHEDULED clears the end time. A run that the server closed as stale takes its
     * writer's own status like any other, and ends then. Setting what is there already changes nothing.
     * Errors: RUN_NOT_FOUND, RUN_DELETED, ETAG_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.UpdateRunResponse> updateRun(
        dev.runlore.v1.UpdateRunRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateRunMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns the runs that match a filter, a page at a time. What one call may cost is bounded: where no plan answers
     * within that, the page is short, exact as far as it goes, and has a token to go on with; or the call is refused
     * with the part that is too expensive. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN, EXPERIMENT_NOT_FOUND,
     * SEARCH_TOO_EXPENSIVE.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.SearchRunsResponse> searchRuns(
        dev.runlore.v1.SearchRunsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSearchRunsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes tags of a run. Deleting a tag that is not there changes nothing. Errors: RUN_NOT_FOUND, RUN_DELETED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.DeleteRunTagsResponse> deleteRunTags(
        dev.runlore.v1.DeleteRunTagsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteRunTagsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a run: it is out of searches and takes nothing new; versions registered from it keep their evidence and
     * files. Its children stay as they are. Deleting it again changes nothing. Errors: RUN_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.DeleteRunResponse> deleteRun(
        dev.runlore.v1.DeleteRunRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteRunMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Restores a deleted run. Restoring an active one changes nothing. A run of a deleted experiment comes back with its
     * experiment only. Errors: RUN_NOT_FOUND, EXPERIMENT_DELETED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.RestoreRunResponse> restoreRun(
        dev.runlore.v1.RestoreRunRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRestoreRunMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes a deleted run for good, with its params, tags and metric points, which are cleaned up in the background.
     * Its events stay, versions registered from it keep their evidence and files, and its children stay as they are. Its
     * id is not given again. The server does the same by itself to what was deleted for longer than its `--purge-after`.
     * Errors: RUN_NOT_FOUND, RUN_NOT_DELETED (only what was deleted before, by itself or with its experiment, can be
     * purged).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.PurgeRunResponse> purgeRun(
        dev.runlore.v1.PurgeRunRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPurgeRunMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists a run and its active descendants, each parent before its children, children by their start. A deleted
     * descendant is left out with everything below it. Errors: RUN_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.ListRunTreeResponse> listRunTree(
        dev.runlore.v1.ListRunTreeRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListRunTreeMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Summarizes the active children of a run, as those of a sweep: the best by a metric, how many stand where, and
     * which params vary. Errors: RUN_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.SummarizeSweepResponse> summarizeSweep(
        dev.runlore.v1.SummarizeSweepRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSummarizeSweepMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns the active children of a run as columns, a page of rows at a time: the params that vary and the metrics asked
     * for, ready for a parallel-coordinates plot. Errors: RUN_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.GetSweepTableResponse> getSweepTable(
        dev.runlore.v1.GetSweepTableRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSweepTableMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Adds metric points, params and tags to a run, all or nothing. Exactly once: points carry their writer's sequence
     * number, and a batch that was committed already is acknowledged without being stored again. Params are immutable
     * (the same value again is fine), tags take the new value. Errors: RUN_NOT_FOUND, RUN_DELETED, PARAM_CONFLICT,
     * SEQUENCE_GAP, BATCH_TOO_LARGE.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.LogBatchResponse> logBatch(
        dev.runlore.v1.LogBatchRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getLogBatchMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Records which datasets and logged models a run reads. An input that is there already stays as it is, but for tags
     * with other values, which take them; so repeating a call changes nothing. Errors: RUN_NOT_FOUND, RUN_DELETED,
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, BATCH_TOO_LARGE (the run would have more inputs than one may).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.LogInputsResponse> logInputs(
        dev.runlore.v1.LogInputsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getLogInputsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Records which logged models a run made. Recording one again at the same step changes nothing. Errors:
     * RUN_NOT_FOUND, RUN_DELETED, LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, BATCH_TOO_LARGE (the run would have more
     * outputs than one may).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.LogOutputsResponse> logOutputs(
        dev.runlore.v1.LogOutputsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getLogOutputsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the datasets that runs read, by name, a page at a time. Errors: EXPERIMENT_NOT_FOUND, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.SearchDatasetsResponse> searchDatasets(
        dev.runlore.v1.SearchDatasetsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSearchDatasetsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_EXPERIMENT = 0;
  private static final int METHODID_GET_EXPERIMENT = 1;
  private static final int METHODID_SEARCH_EXPERIMENTS = 2;
  private static final int METHODID_UPDATE_EXPERIMENT = 3;
  private static final int METHODID_SET_EXPERIMENT_TAGS = 4;
  private static final int METHODID_DELETE_EXPERIMENT = 5;
  private static final int METHODID_RESTORE_EXPERIMENT = 6;
  private static final int METHODID_PURGE_EXPERIMENT = 7;
  private static final int METHODID_CREATE_RUN = 8;
  private static final int METHODID_GET_RUN = 9;
  private static final int METHODID_UPDATE_RUN = 10;
  private static final int METHODID_SEARCH_RUNS = 11;
  private static final int METHODID_DELETE_RUN_TAGS = 12;
  private static final int METHODID_DELETE_RUN = 13;
  private static final int METHODID_RESTORE_RUN = 14;
  private static final int METHODID_PURGE_RUN = 15;
  private static final int METHODID_LIST_RUN_TREE = 16;
  private static final int METHODID_SUMMARIZE_SWEEP = 17;
  private static final int METHODID_GET_SWEEP_TABLE = 18;
  private static final int METHODID_LOG_BATCH = 19;
  private static final int METHODID_LOG_INPUTS = 20;
  private static final int METHODID_LOG_OUTPUTS = 21;
  private static final int METHODID_SEARCH_DATASETS = 22;
  private static final int METHODID_GET_METRIC_HISTORY = 23;
  private static final int METHODID_LOG_STREAM = 24;

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
        case METHODID_CREATE_EXPERIMENT:
          serviceImpl.createExperiment((dev.runlore.v1.CreateExperimentRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.CreateExperimentResponse>) responseObserver);
          break;
        case METHODID_GET_EXPERIMENT:
          serviceImpl.getExperiment((dev.runlore.v1.GetExperimentRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.GetExperimentResponse>) responseObserver);
          break;
        case METHODID_SEARCH_EXPERIMENTS:
          serviceImpl.searchExperiments((dev.runlore.v1.SearchExperimentsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.SearchExperimentsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_EXPERIMENT:
          serviceImpl.updateExperiment((dev.runlore.v1.UpdateExperimentRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateExperimentResponse>) responseObserver);
          break;
        case METHODID_SET_EXPERIMENT_TAGS:
          serviceImpl.setExperimentTags((dev.runlore.v1.SetExperimentTagsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.SetExperimentTagsResponse>) responseObserver);
          break;
        case METHODID_DELETE_EXPERIMENT:
          serviceImpl.deleteExperiment((dev.runlore.v1.DeleteExperimentRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteExperimentResponse>) responseObserver);
          break;
        case METHODID_RESTORE_EXPERIMENT:
          serviceImpl.restoreExperiment((dev.runlore.v1.RestoreExperimentRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.RestoreExperimentResponse>) responseObserver);
          break;
        case METHODID_PURGE_EXPERIMENT:
          serviceImpl.purgeExperiment((dev.runlore.v1.PurgeExperimentRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.PurgeExperimentResponse>) responseObserver);
          break;
        case METHODID_CREATE_RUN:
          serviceImpl.createRun((dev.runlore.v1.CreateRunRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.CreateRunResponse>) responseObserver);
          break;
        case METHODID_GET_RUN:
          serviceImpl.getRun((dev.runlore.v1.GetRunRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.GetRunResponse>) responseObserver);
          break;
        case METHODID_UPDATE_RUN:
          serviceImpl.updateRun((dev.runlore.v1.UpdateRunRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateRunResponse>) responseObserver);
          break;
        case METHODID_SEARCH_RUNS:
          serviceImpl.searchRuns((dev.runlore.v1.SearchRunsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.SearchRunsResponse>) responseObserver);
          break;
        case METHODID_DELETE_RUN_TAGS:
          serviceImpl.deleteRunTags((dev.runlore.v1.DeleteRunTagsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteRunTagsResponse>) responseObserver);
          break;
        case METHODID_DELETE_RUN:
          serviceImpl.deleteRun((dev.runlore.v1.DeleteRunRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteRunResponse>) responseObserver);
          break;
        case METHODID_RESTORE_RUN:
          serviceImpl.restoreRun((dev.runlore.v1.RestoreRunRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.RestoreRunResponse>) responseObserver);
          break;
        case METHODID_PURGE_RUN:
          serviceImpl.purgeRun((dev.runlore.v1.PurgeRunRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.PurgeRunResponse>) responseObserver);
          break;
        case METHODID_LIST_RUN_TREE:
          serviceImpl.listRunTree((dev.runlore.v1.ListRunTreeRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.ListRunTreeResponse>) responseObserver);
          break;
        case METHODID_SUMMARIZE_SWEEP:
          serviceImpl.summarizeSweep((dev.runlore.v1.SummarizeSweepRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.SummarizeSweepResponse>) responseObserver);
          break;
        case METHODID_GET_SWEEP_TABLE:
          serviceImpl.getSweepTable((dev.runlore.v1.GetSweepTableRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.GetSweepTableResponse>) responseObserver);
          break;
        case METHODID_LOG_BATCH:
          serviceImpl.logBatch((dev.runlore.v1.LogBatchRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.LogBatchResponse>) responseObserver);
          break;
        case METHODID_LOG_INPUTS:
          serviceImpl.logInputs((dev.runlore.v1.LogInputsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.LogInputsResponse>) responseObserver);
          break;
        case METHODID_LOG_OUTPUTS:
          serviceImpl.logOutputs((dev.runlore.v1.LogOutputsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.LogOutputsResponse>) responseObserver);
          break;
        case METHODID_SEARCH_DATASETS:
          serviceImpl.searchDatasets((dev.runlore.v1.SearchDatasetsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.SearchDatasetsResponse>) responseObserver);
          break;
        case METHODID_GET_METRIC_HISTORY:
          serviceImpl.getMetricHistory((dev.runlore.v1.GetMetricHistoryRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.GetMetricHistoryResponse>) responseObserver);
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
        case METHODID_LOG_STREAM:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.logStream(
              (io.grpc.stub.StreamObserver<dev.runlore.v1.LogStreamResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getCreateExperimentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.CreateExperimentRequest,
              dev.runlore.v1.CreateExperimentResponse>(
                service, METHODID_CREATE_EXPERIMENT)))
        .addMethod(
          getGetExperimentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.GetExperimentRequest,
              dev.runlore.v1.GetExperimentResponse>(
                service, METHODID_GET_EXPERIMENT)))
        .addMethod(
          getSearchExperimentsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.SearchExperimentsRequest,
              dev.runlore.v1.SearchExperimentsResponse>(
                service, METHODID_SEARCH_EXPERIMENTS)))
        .addMethod(
          getUpdateExperimentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.UpdateExperimentRequest,
              dev.runlore.v1.UpdateExperimentResponse>(
                service, METHODID_UPDATE_EXPERIMENT)))
        .addMethod(
          getSetExperimentTagsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.SetExperimentTagsRequest,
              dev.runlore.v1.SetExperimentTagsResponse>(
                service, METHODID_SET_EXPERIMENT_TAGS)))
        .addMethod(
          getDeleteExperimentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.DeleteExperimentRequest,
              dev.runlore.v1.DeleteExperimentResponse>(
                service, METHODID_DELETE_EXPERIMENT)))
        .addMethod(
          getRestoreExperimentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.RestoreExperimentRequest,
              dev.runlore.v1.RestoreExperimentResponse>(
                service, METHODID_RESTORE_EXPERIMENT)))
        .addMethod(
          getPurgeExperimentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.PurgeExperimentRequest,
              dev.runlore.v1.PurgeExperimentResponse>(
                service, METHODID_PURGE_EXPERIMENT)))
        .addMethod(
          getCreateRunMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.CreateRunRequest,
              dev.runlore.v1.CreateRunResponse>(
                service, METHODID_CREATE_RUN)))
        .addMethod(
          getGetRunMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.GetRunRequest,
              dev.runlore.v1.GetRunResponse>(
                service, METHODID_GET_RUN)))
        .addMethod(
          getUpdateRunMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.UpdateRunRequest,
              dev.runlore.v1.UpdateRunResponse>(
                service, METHODID_UPDATE_RUN)))
        .addMethod(
          getSearchRunsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.SearchRunsRequest,
              dev.runlore.v1.SearchRunsResponse>(
                service, METHODID_SEARCH_RUNS)))
        .addMethod(
          getDeleteRunTagsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.DeleteRunTagsRequest,
              dev.runlore.v1.DeleteRunTagsResponse>(
                service, METHODID_DELETE_RUN_TAGS)))
        .addMethod(
          getDeleteRunMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.DeleteRunRequest,
              dev.runlore.v1.DeleteRunResponse>(
                service, METHODID_DELETE_RUN)))
        .addMethod(
          getRestoreRunMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.RestoreRunRequest,
              dev.runlore.v1.RestoreRunResponse>(
                service, METHODID_RESTORE_RUN)))
        .addMethod(
          getPurgeRunMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.PurgeRunRequest,
              dev.runlore.v1.PurgeRunResponse>(
                service, METHODID_PURGE_RUN)))
        .addMethod(
          getListRunTreeMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.ListRunTreeRequest,
              dev.runlore.v1.ListRunTreeResponse>(
                service, METHODID_LIST_RUN_TREE)))
        .addMethod(
          getSummarizeSweepMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.SummarizeSweepRequest,
              dev.runlore.v1.SummarizeSweepResponse>(
                service, METHODID_SUMMARIZE_SWEEP)))
        .addMethod(
          getGetSweepTableMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.GetSweepTableRequest,
              dev.runlore.v1.GetSweepTableResponse>(
                service, METHODID_GET_SWEEP_TABLE)))
        .addMethod(
          getLogBatchMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.LogBatchRequest,
              dev.runlore.v1.LogBatchResponse>(
                service, METHODID_LOG_BATCH)))
        .addMethod(
          getLogStreamMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              dev.runlore.v1.LogStreamRequest,
              dev.runlore.v1.LogStreamResponse>(
                service, METHODID_LOG_STREAM)))
        .addMethod(
          getLogInputsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.LogInputsRequest,
              dev.runlore.v1.LogInputsResponse>(
                service, METHODID_LOG_INPUTS)))
        .addMethod(
          getLogOutputsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.LogOutputsRequest,
              dev.runlore.v1.LogOutputsResponse>(
                service, METHODID_LOG_OUTPUTS)))
        .addMethod(
          getSearchDatasetsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.SearchDatasetsRequest,
              dev.runlore.v1.SearchDatasetsResponse>(
                service, METHODID_SEARCH_DATASETS)))
        .addMethod(
          getGetMetricHistoryMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.runlore.v1.GetMetricHistoryRequest,
              dev.runlore.v1.GetMetricHistoryResponse>(
                service, METHODID_GET_METRIC_HISTORY)))
        .build();
  }

  private static abstract class TrackingServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    TrackingServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.runlore.v1.TrackingProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("TrackingService");
    }
  }

  private static final class TrackingServiceFileDescriptorSupplier
      extends TrackingServiceBaseDescriptorSupplier {
    TrackingServiceFileDescriptorSupplier() {}
  }

  private static final class TrackingServiceMethodDescriptorSupplier
      extends TrackingServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    TrackingServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (TrackingServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new TrackingServiceFileDescriptorSupplier())
              .addMethod(getCreateExperimentMethod())
              .addMethod(getGetExperimentMethod())
              .addMethod(getSearchExperimentsMethod())
              .addMethod(getUpdateExperimentMethod())
              .addMethod(getSetExperimentTagsMethod())
              .addMethod(getDeleteExperimentMethod())
              .addMethod(getRestoreExperimentMethod())
              .addMethod(getPurgeExperimentMethod())
              .addMethod(getCreateRunMethod())
              .addMethod(getGetRunMethod())
              .addMethod(getUpdateRunMethod())
              .addMethod(getSearchRunsMethod())
              .addMethod(getDeleteRunTagsMethod())
              .addMethod(getDeleteRunMethod())
              .addMethod(getRestoreRunMethod())
              .addMethod(getPurgeRunMethod())
              .addMethod(getListRunTreeMethod())
              .addMethod(getSummarizeSweepMethod())
              .addMethod(getGetSweepTableMethod())
              .addMethod(getLogBatchMethod())
              .addMethod(getLogStreamMethod())
              .addMethod(getLogInputsMethod())
              .addMethod(getLogOutputsMethod())
              .addMethod(getSearchDatasetsMethod())
              .addMethod(getGetMetricHistoryMethod())
              .build();
        }
      }
    }
    return result;
  }
}
