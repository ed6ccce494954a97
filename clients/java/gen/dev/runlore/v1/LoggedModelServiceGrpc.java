package dev.runlore.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Records logged models. Which run read or made one is the run's to say: TrackingService.LogInputs and LogOutputs.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class LoggedModelServiceGrpc {

  private LoggedModelServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "runlore.v1.LoggedModelService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.CreateLoggedModelRequest,
      dev.runlore.v1.CreateLoggedModelResponse> getCreateLoggedModelMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateLoggedModel",
      requestType = dev.runlore.v1.CreateLoggedModelRequest.class,
      responseType = dev.runlore.v1.CreateLoggedModelResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.CreateLoggedModelRequest,
      dev.runlore.v1.CreateLoggedModelResponse> getCreateLoggedModelMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.CreateLoggedModelRequest, dev.runlore.v1.CreateLoggedModelResponse> getCreateLoggedModelMethod;
    if ((getCreateLoggedModelMethod = LoggedModelServiceGrpc.getCreateLoggedModelMethod) == null) {
      synchronized (LoggedModelServiceGrpc.class) {
        if ((getCreateLoggedModelMethod = LoggedModelServiceGrpc.getCreateLoggedModelMethod) == null) {
          LoggedModelServiceGrpc.getCreateLoggedModelMethod = getCreateLoggedModelMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.CreateLoggedModelRequest, dev.runlore.v1.CreateLoggedModelResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateLoggedModel"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.CreateLoggedModelRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.CreateLoggedModelResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LoggedModelServiceMethodDescriptorSupplier("CreateLoggedModel"))
              .build();
        }
      }
    }
    return getCreateLoggedModelMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.GetLoggedModelRequest,
      dev.runlore.v1.GetLoggedModelResponse> getGetLoggedModelMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetLoggedModel",
      requestType = dev.runlore.v1.GetLoggedModelRequest.class,
      responseType = dev.runlore.v1.GetLoggedModelResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.GetLoggedModelRequest,
      dev.runlore.v1.GetLoggedModelResponse> getGetLoggedModelMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.GetLoggedModelRequest, dev.runlore.v1.GetLoggedModelResponse> getGetLoggedModelMethod;
    if ((getGetLoggedModelMethod = LoggedModelServiceGrpc.getGetLoggedModelMethod) == null) {
      synchronized (LoggedModelServiceGrpc.class) {
        if ((getGetLoggedModelMethod = LoggedModelServiceGrpc.getGetLoggedModelMethod) == null) {
          LoggedModelServiceGrpc.getGetLoggedModelMethod = getGetLoggedModelMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.GetLoggedModelRequest, dev.runlore.v1.GetLoggedModelResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetLoggedModel"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetLoggedModelRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetLoggedModelResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LoggedModelServiceMethodDescriptorSupplier("GetLoggedModel"))
              .build();
        }
      }
    }
    return getGetLoggedModelMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.SearchLoggedModelsRequest,
      dev.runlore.v1.SearchLoggedModelsResponse> getSearchLoggedModelsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SearchLoggedModels",
      requestType = dev.runlore.v1.SearchLoggedModelsRequest.class,
      responseType = dev.runlore.v1.SearchLoggedModelsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.SearchLoggedModelsRequest,
      dev.runlore.v1.SearchLoggedModelsResponse> getSearchLoggedModelsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.SearchLoggedModelsRequest, dev.runlore.v1.SearchLoggedModelsResponse> getSearchLoggedModelsMethod;
    if ((getSearchLoggedModelsMethod = LoggedModelServiceGrpc.getSearchLoggedModelsMethod) == null) {
      synchronized (LoggedModelServiceGrpc.class) {
        if ((getSearchLoggedModelsMethod = LoggedModelServiceGrpc.getSearchLoggedModelsMethod) == null) {
          LoggedModelServiceGrpc.getSearchLoggedModelsMethod = getSearchLoggedModelsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.SearchLoggedModelsRequest, dev.runlore.v1.SearchLoggedModelsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SearchLoggedModels"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SearchLoggedModelsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SearchLoggedModelsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LoggedModelServiceMethodDescriptorSupplier("SearchLoggedModels"))
              .build();
        }
      }
    }
    return getSearchLoggedModelsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.UpdateLoggedModelRequest,
      dev.runlore.v1.UpdateLoggedModelResponse> getUpdateLoggedModelMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateLoggedModel",
      requestType = dev.runlore.v1.UpdateLoggedModelRequest.class,
      responseType = dev.runlore.v1.UpdateLoggedModelResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.UpdateLoggedModelRequest,
      dev.runlore.v1.UpdateLoggedModelResponse> getUpdateLoggedModelMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.UpdateLoggedModelRequest, dev.runlore.v1.UpdateLoggedModelResponse> getUpdateLoggedModelMethod;
    if ((getUpdateLoggedModelMethod = LoggedModelServiceGrpc.getUpdateLoggedModelMethod) == null) {
      synchronized (LoggedModelServiceGrpc.class) {
        if ((getUpdateLoggedModelMethod = LoggedModelServiceGrpc.getUpdateLoggedModelMethod) == null) {
          LoggedModelServiceGrpc.getUpdateLoggedModelMethod = getUpdateLoggedModelMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.UpdateLoggedModelRequest, dev.runlore.v1.UpdateLoggedModelResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateLoggedModel"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.UpdateLoggedModelRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.UpdateLoggedModelResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LoggedModelServiceMethodDescriptorSupplier("UpdateLoggedModel"))
              .build();
        }
      }
    }
    return getUpdateLoggedModelMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.LogLoggedModelParamsRequest,
      dev.runlore.v1.LogLoggedModelParamsResponse> getLogLoggedModelParamsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "LogLoggedModelParams",
      requestType = dev.runlore.v1.LogLoggedModelParamsRequest.class,
      responseType = dev.runlore.v1.LogLoggedModelParamsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.LogLoggedModelParamsRequest,
      dev.runlore.v1.LogLoggedModelParamsResponse> getLogLoggedModelParamsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.LogLoggedModelParamsRequest, dev.runlore.v1.LogLoggedModelParamsResponse> getLogLoggedModelParamsMethod;
    if ((getLogLoggedModelParamsMethod = LoggedModelServiceGrpc.getLogLoggedModelParamsMethod) == null) {
      synchronized (LoggedModelServiceGrpc.class) {
        if ((getLogLoggedModelParamsMethod = LoggedModelServiceGrpc.getLogLoggedModelParamsMethod) == null) {
          LoggedModelServiceGrpc.getLogLoggedModelParamsMethod = getLogLoggedModelParamsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.LogLoggedModelParamsRequest, dev.runlore.v1.LogLoggedModelParamsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "LogLoggedModelParams"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.LogLoggedModelParamsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.LogLoggedModelParamsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LoggedModelServiceMethodDescriptorSupplier("LogLoggedModelParams"))
              .build();
        }
      }
    }
    return getLogLoggedModelParamsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.LogLoggedModelMetricsRequest,
      dev.runlore.v1.LogLoggedModelMetricsResponse> getLogLoggedModelMetricsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "LogLoggedModelMetrics",
      requestType = dev.runlore.v1.LogLoggedModelMetricsRequest.class,
      responseType = dev.runlore.v1.LogLoggedModelMetricsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.LogLoggedModelMetricsRequest,
      dev.runlore.v1.LogLoggedModelMetricsResponse> getLogLoggedModelMetricsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.LogLoggedModelMetricsRequest, dev.runlore.v1.LogLoggedModelMetricsResponse> getLogLoggedModelMetricsMethod;
    if ((getLogLoggedModelMetricsMethod = LoggedModelServiceGrpc.getLogLoggedModelMetricsMethod) == null) {
      synchronized (LoggedModelServiceGrpc.class) {
        if ((getLogLoggedModelMetricsMethod = LoggedModelServiceGrpc.getLogLoggedModelMetricsMethod) == null) {
          LoggedModelServiceGrpc.getLogLoggedModelMetricsMethod = getLogLoggedModelMetricsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.LogLoggedModelMetricsRequest, dev.runlore.v1.LogLoggedModelMetricsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "LogLoggedModelMetrics"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.LogLoggedModelMetricsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.LogLoggedModelMetricsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LoggedModelServiceMethodDescriptorSupplier("LogLoggedModelMetrics"))
              .build();
        }
      }
    }
    return getLogLoggedModelMetricsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.ListLoggedModelMetricsRequest,
      dev.runlore.v1.ListLoggedModelMetricsResponse> getListLoggedModelMetricsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListLoggedModelMetrics",
      requestType = dev.runlore.v1.ListLoggedModelMetricsRequest.class,
      responseType = dev.runlore.v1.ListLoggedModelMetricsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.ListLoggedModelMetricsRequest,
      dev.runlore.v1.ListLoggedModelMetricsResponse> getListLoggedModelMetricsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.ListLoggedModelMetricsRequest, dev.runlore.v1.ListLoggedModelMetricsResponse> getListLoggedModelMetricsMethod;
    if ((getListLoggedModelMetricsMethod = LoggedModelServiceGrpc.getListLoggedModelMetricsMethod) == null) {
      synchronized (LoggedModelServiceGrpc.class) {
        if ((getListLoggedModelMetricsMethod = LoggedModelServiceGrpc.getListLoggedModelMetricsMethod) == null) {
          LoggedModelServiceGrpc.getListLoggedModelMetricsMethod = getListLoggedModelMetricsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.ListLoggedModelMetricsRequest, dev.runlore.v1.ListLoggedModelMetricsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListLoggedModelMetrics"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.ListLoggedModelMetricsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.ListLoggedModelMetricsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LoggedModelServiceMethodDescriptorSupplier("ListLoggedModelMetrics"))
              .build();
        }
      }
    }
    return getListLoggedModelMetricsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.SetLoggedModelTagsRequest,
      dev.runlore.v1.SetLoggedModelTagsResponse> getSetLoggedModelTagsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetLoggedModelTags",
      requestType = dev.runlore.v1.SetLoggedModelTagsRequest.class,
      responseType = dev.runlore.v1.SetLoggedModelTagsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.SetLoggedModelTagsRequest,
      dev.runlore.v1.SetLoggedModelTagsResponse> getSetLoggedModelTagsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.SetLoggedModelTagsRequest, dev.runlore.v1.SetLoggedModelTagsResponse> getSetLoggedModelTagsMethod;
    if ((getSetLoggedModelTagsMethod = LoggedModelServiceGrpc.getSetLoggedModelTagsMethod) == null) {
      synchronized (LoggedModelServiceGrpc.class) {
        if ((getSetLoggedModelTagsMethod = LoggedModelServiceGrpc.getSetLoggedModelTagsMethod) == null) {
          LoggedModelServiceGrpc.getSetLoggedModelTagsMethod = getSetLoggedModelTagsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.SetLoggedModelTagsRequest, dev.runlore.v1.SetLoggedModelTagsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetLoggedModelTags"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SetLoggedModelTagsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SetLoggedModelTagsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LoggedModelServiceMethodDescriptorSupplier("SetLoggedModelTags"))
              .build();
        }
      }
    }
    return getSetLoggedModelTagsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.DeleteLoggedModelRequest,
      dev.runlore.v1.DeleteLoggedModelResponse> getDeleteLoggedModelMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteLoggedModel",
      requestType = dev.runlore.v1.DeleteLoggedModelRequest.class,
      responseType = dev.runlore.v1.DeleteLoggedModelResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.DeleteLoggedModelRequest,
      dev.runlore.v1.DeleteLoggedModelResponse> getDeleteLoggedModelMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.DeleteLoggedModelRequest, dev.runlore.v1.DeleteLoggedModelResponse> getDeleteLoggedModelMethod;
    if ((getDeleteLoggedModelMethod = LoggedModelServiceGrpc.getDeleteLoggedModelMethod) == null) {
      synchronized (LoggedModelServiceGrpc.class) {
        if ((getDeleteLoggedModelMethod = LoggedModelServiceGrpc.getDeleteLoggedModelMethod) == null) {
          LoggedModelServiceGrpc.getDeleteLoggedModelMethod = getDeleteLoggedModelMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.DeleteLoggedModelRequest, dev.runlore.v1.DeleteLoggedModelResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteLoggedModel"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteLoggedModelRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteLoggedModelResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LoggedModelServiceMethodDescriptorSupplier("DeleteLoggedModel"))
              .build();
        }
      }
    }
    return getDeleteLoggedModelMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.RestoreLoggedModelRequest,
      dev.runlore.v1.RestoreLoggedModelResponse> getRestoreLoggedModelMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RestoreLoggedModel",
      requestType = dev.runlore.v1.RestoreLoggedModelRequest.class,
      responseType = dev.runlore.v1.RestoreLoggedModelResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.RestoreLoggedModelRequest,
      dev.runlore.v1.RestoreLoggedModelResponse> getRestoreLoggedModelMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.RestoreLoggedModelRequest, dev.runlore.v1.RestoreLoggedModelResponse> getRestoreLoggedModelMethod;
    if ((getRestoreLoggedModelMethod = LoggedModelServiceGrpc.getRestoreLoggedModelMethod) == null) {
      synchronized (LoggedModelServiceGrpc.class) {
        if ((getRestoreLoggedModelMethod = LoggedModelServiceGrpc.getRestoreLoggedModelMethod) == null) {
          LoggedModelServiceGrpc.getRestoreLoggedModelMethod = getRestoreLoggedModelMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.RestoreLoggedModelRequest, dev.runlore.v1.RestoreLoggedModelResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RestoreLoggedModel"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.RestoreLoggedModelRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.RestoreLoggedModelResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LoggedModelServiceMethodDescriptorSupplier("RestoreLoggedModel"))
              .build();
        }
      }
    }
    return getRestoreLoggedModelMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.PurgeLoggedModelRequest,
      dev.runlore.v1.PurgeLoggedModelResponse> getPurgeLoggedModelMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PurgeLoggedModel",
      requestType = dev.runlore.v1.PurgeLoggedModelRequest.class,
      responseType = dev.runlore.v1.PurgeLoggedModelResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.PurgeLoggedModelRequest,
      dev.runlore.v1.PurgeLoggedModelResponse> getPurgeLoggedModelMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.PurgeLoggedModelRequest, dev.runlore.v1.PurgeLoggedModelResponse> getPurgeLoggedModelMethod;
    if ((getPurgeLoggedModelMethod = LoggedModelServiceGrpc.getPurgeLoggedModelMethod) == null) {
      synchronized (LoggedModelServiceGrpc.class) {
        if ((getPurgeLoggedModelMethod = LoggedModelServiceGrpc.getPurgeLoggedModelMethod) == null) {
          LoggedModelServiceGrpc.getPurgeLoggedModelMethod = getPurgeLoggedModelMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.PurgeLoggedModelRequest, dev.runlore.v1.PurgeLoggedModelResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PurgeLoggedModel"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.PurgeLoggedModelRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.PurgeLoggedModelResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LoggedModelServiceMethodDescriptorSupplier("PurgeLoggedModel"))
              .build();
        }
      }
    }
    return getPurgeLoggedModelMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static LoggedModelServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<LoggedModelServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<LoggedModelServiceStub>() {
        @java.lang.Override
        public LoggedModelServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new LoggedModelServiceStub(channel, callOptions);
        }
      };
    return LoggedModelServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static LoggedModelServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<LoggedModelServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<LoggedModelServiceBlockingV2Stub>() {
        @java.lang.Override
        public LoggedModelServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new LoggedModelServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return LoggedModelServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static LoggedModelServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<LoggedModelServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<LoggedModelServiceBlockingStub>() {
        @java.lang.Override
        public LoggedModelServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new LoggedModelServiceBlockingStub(channel, callOptions);
        }
      };
    return LoggedModelServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static LoggedModelServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<LoggedModelServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<LoggedModelServiceFutureStub>() {
        @java.lang.Override
        public LoggedModelServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new LoggedModelServiceFutureStub(channel, callOptions);
        }
      };
    return LoggedModelServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Records logged models. Which run read or made one is the run's to say: TrackingService.LogInputs and LogOutputs.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Creates a logged model, PENDING unless told otherwise. Errors: LOGGED_MODEL_EXISTS, EXPERIMENT_NOT_FOUND,
     * EXPERIMENT_DELETED, RUN_NOT_FOUND (the source run), ARTIFACT_NOT_FOUND, MANIFEST_NOT_FOUND.
     * </pre>
     */
    default void createLoggedModel(dev.runlore.v1.CreateLoggedModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.CreateLoggedModelResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateLoggedModelMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a logged model, deleted or not. Errors: LOGGED_MODEL_NOT_FOUND.
     * </pre>
     */
    default void getLoggedModel(dev.runlore.v1.GetLoggedModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetLoggedModelResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetLoggedModelMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns the logged models that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN,
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    default void searchLoggedModels(dev.runlore.v1.SearchLoggedModelsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SearchLoggedModelsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSearchLoggedModelsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the named fields of a logged model. Setting what is there already changes nothing. Errors:
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, ETAG_MISMATCH, ARTIFACT_NOT_FOUND, MANIFEST_NOT_FOUND.
     * </pre>
     */
    default void updateLoggedModel(dev.runlore.v1.UpdateLoggedModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateLoggedModelResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateLoggedModelMethod(), responseObserver);
    }

    /**
     * <pre>
     * Adds params, all or nothing. Params are immutable; the same value again is fine. Errors: LOGGED_MODEL_NOT_FOUND,
     * LOGGED_MODEL_DELETED, PARAM_CONFLICT.
     * </pre>
     */
    default void logLoggedModelParams(dev.runlore.v1.LogLoggedModelParamsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.LogLoggedModelParamsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getLogLoggedModelParamsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Adds metric points, all or nothing. A point that is equal to one that is there in all of its fields is that point,
     * so that a call can be repeated. Errors: LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, RUN_NOT_FOUND.
     * </pre>
     */
    default void logLoggedModelMetrics(dev.runlore.v1.LogLoggedModelMetricsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.LogLoggedModelMetricsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getLogLoggedModelMetricsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists all metric points of a logged model, a page at a time: series by series (key, dataset and run) in the order
     * in which the first point of each was logged, each by time, step and value. Errors: LOGGED_MODEL_NOT_FOUND,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    default void listLoggedModelMetrics(dev.runlore.v1.ListLoggedModelMetricsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.ListLoggedModelMetricsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListLoggedModelMetricsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sets and deletes tags of a logged model. Deleting a tag that is not there changes nothing. Errors:
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED.
     * </pre>
     */
    default void setLoggedModelTags(dev.runlore.v1.SetLoggedModelTagsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SetLoggedModelTagsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetLoggedModelTagsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a logged model: it is out of searches and takes nothing new; versions registered from it keep their files
     * and evidence. Deleting it again changes nothing. Errors: LOGGED_MODEL_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    default void deleteLoggedModel(dev.runlore.v1.DeleteLoggedModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteLoggedModelResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteLoggedModelMethod(), responseObserver);
    }

    /**
     * <pre>
     * Restores a deleted logged model. Restoring an active one changes nothing. One of a deleted experiment comes back
     * with its experiment only. Errors: LOGGED_MODEL_NOT_FOUND, EXPERIMENT_DELETED.
     * </pre>
     */
    default void restoreLoggedModel(dev.runlore.v1.RestoreLoggedModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.RestoreLoggedModelResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRestoreLoggedModelMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes a deleted logged model for good, with its params, tags and metric points, also from the runs that read or
     * made it. Its events stay, and versions registered from it keep their evidence, their files and the link to it. Its id
     * is not given again. The server does the same by itself to what was deleted for longer than its `--purge-after`.
     * Errors: LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_NOT_DELETED (only what was deleted before, by itself or with its
     * experiment, can be purged).
     * </pre>
     */
    default void purgeLoggedModel(dev.runlore.v1.PurgeLoggedModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.PurgeLoggedModelResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPurgeLoggedModelMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service LoggedModelService.
   * <pre>
   * Records logged models. Which run read or made one is the run's to say: TrackingService.LogInputs and LogOutputs.
   * </pre>
   */
  public static abstract class LoggedModelServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return LoggedModelServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service LoggedModelService.
   * <pre>
   * Records logged models. Which run read or made one is the run's to say: TrackingService.LogInputs and LogOutputs.
   * </pre>
   */
  public static final class LoggedModelServiceStub
      extends io.grpc.stub.AbstractAsyncStub<LoggedModelServiceStub> {
    private LoggedModelServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected LoggedModelServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new LoggedModelServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a logged model, PENDING unless told otherwise. Errors: LOGGED_MODEL_EXISTS, EXPERIMENT_NOT_FOUND,
     * EXPERIMENT_DELETED, RUN_NOT_FOUND (the source run), ARTIFACT_NOT_FOUND, MANIFEST_NOT_FOUND.
     * </pre>
     */
    public void createLoggedModel(dev.runlore.v1.CreateLoggedModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.CreateLoggedModelResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateLoggedModelMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a logged model, deleted or not. Errors: LOGGED_MODEL_NOT_FOUND.
     * </pre>
     */
    public void getLoggedModel(dev.runlore.v1.GetLoggedModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetLoggedModelResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetLoggedModelMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns the logged models that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN,
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public void searchLoggedModels(dev.runlore.v1.SearchLoggedModelsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SearchLoggedModelsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSearchLoggedModelsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the named fields of a logged model. Setting what is there already changes nothing. Errors:
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, ETAG_MISMATCH, ARTIFACT_NOT_FOUND, MANIFEST_NOT_FOUND.
     * </pre>
     */
    public void updateLoggedModel(dev.runlore.v1.UpdateLoggedModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateLoggedModelResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateLoggedModelMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Adds params, all or nothing. Params are immutable; the same value again is fine. Errors: LOGGED_MODEL_NOT_FOUND,
     * LOGGED_MODEL_DELETED, PARAM_CONFLICT.
     * </pre>
     */
    public void logLoggedModelParams(dev.runlore.v1.LogLoggedModelParamsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.LogLoggedModelParamsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getLogLoggedModelParamsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Adds metric points, all or nothing. A point that is equal to one that is there in all of its fields is that point,
     * so that a call can be repeated. Errors: LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, RUN_NOT_FOUND.
     * </pre>
     */
    public void logLoggedModelMetrics(dev.runlore.v1.LogLoggedModelMetricsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.LogLoggedModelMetricsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getLogLoggedModelMetricsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists all metric points of a logged model, a page at a time: series by series (key, dataset and run) in the order
     * in which the first point of each was logged, each by time, step and value. Errors: LOGGED_MODEL_NOT_FOUND,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public void listLoggedModelMetrics(dev.runlore.v1.ListLoggedModelMetricsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.ListLoggedModelMetricsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListLoggedModelMetricsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sets and deletes tags of a logged model. Deleting a tag that is not there changes nothing. Errors:
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED.
     * </pre>
     */
    public void setLoggedModelTags(dev.runlore.v1.SetLoggedModelTagsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SetLoggedModelTagsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetLoggedModelTagsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a logged model: it is out of searches and takes nothing new; versions registered from it keep their files
     * and evidence. Deleting it again changes nothing. Errors: LOGGED_MODEL_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public void deleteLoggedModel(dev.runlore.v1.DeleteLoggedModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteLoggedModelResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteLoggedModelMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Restores a deleted logged model. Restoring an active one changes nothing. One of a deleted experiment comes back
     * with its experiment only. Errors: LOGGED_MODEL_NOT_FOUND, EXPERIMENT_DELETED.
     * </pre>
     */
    public void restoreLoggedModel(dev.runlore.v1.RestoreLoggedModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.RestoreLoggedModelResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRestoreLoggedModelMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes a deleted logged model for good, with its params, tags and metric points, also from the runs that read or
     * made it. Its events stay, and versions registered from it keep their evidence, their files and the link to it. Its id
     * is not given again. The server does the same by itself to what was deleted for longer than its `--purge-after`.
     * Errors: LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_NOT_DELETED (only what was deleted before, by itself or with its
     * experiment, can be purged).
     * </pre>
     */
    public void purgeLoggedModel(dev.runlore.v1.PurgeLoggedModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.PurgeLoggedModelResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPurgeLoggedModelMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service LoggedModelService.
   * <pre>
   * Records logged models. Which run read or made one is the run's to say: TrackingService.LogInputs and LogOutputs.
   * </pre>
   */
  public static final class LoggedModelServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<LoggedModelServiceBlockingV2Stub> {
    private LoggedModelServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected LoggedModelServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new LoggedModelServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a logged model, PENDING unless told otherwise. Errors: LOGGED_MODEL_EXISTS, EXPERIMENT_NOT_FOUND,
     * EXPERIMENT_DELETED, RUN_NOT_FOUND (the source run), ARTIFACT_NOT_FOUND, MANIFEST_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.CreateLoggedModelResponse createLoggedModel(dev.runlore.v1.CreateLoggedModelRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateLoggedModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a logged model, deleted or not. Errors: LOGGED_MODEL_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.GetLoggedModelResponse getLoggedModel(dev.runlore.v1.GetLoggedModelRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetLoggedModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the logged models that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN,
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.SearchLoggedModelsResponse searchLoggedModels(dev.runlore.v1.SearchLoggedModelsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSearchLoggedModelsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the named fields of a logged model. Setting what is there already changes nothing. Errors:
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, ETAG_MISMATCH, ARTIFACT_NOT_FOUND, MANIFEST_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.UpdateLoggedModelResponse updateLoggedModel(dev.runlore.v1.UpdateLoggedModelRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateLoggedModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Adds params, all or nothing. Params are immutable; the same value again is fine. Errors: LOGGED_MODEL_NOT_FOUND,
     * LOGGED_MODEL_DELETED, PARAM_CONFLICT.
     * </pre>
     */
    public dev.runlore.v1.LogLoggedModelParamsResponse logLoggedModelParams(dev.runlore.v1.LogLoggedModelParamsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getLogLoggedModelParamsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Adds metric points, all or nothing. A point that is equal to one that is there in all of its fields is that point,
     * so that a call can be repeated. Errors: LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, RUN_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.LogLoggedModelMetricsResponse logLoggedModelMetrics(dev.runlore.v1.LogLoggedModelMetricsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getLogLoggedModelMetricsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists all metric points of a logged model, a page at a time: series by series (key, dataset and run) in the order
     * in which the first point of each was logged, each by time, step and value. Errors: LOGGED_MODEL_NOT_FOUND,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.ListLoggedModelMetricsResponse listLoggedModelMetrics(dev.runlore.v1.ListLoggedModelMetricsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListLoggedModelMetricsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets and deletes tags of a logged model. Deleting a tag that is not there changes nothing. Errors:
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED.
     * </pre>
     */
    public dev.runlore.v1.SetLoggedModelTagsResponse setLoggedModelTags(dev.runlore.v1.SetLoggedModelTagsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetLoggedModelTagsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a logged model: it is out of searches and takes nothing new; versions registered from it keep their files
     * and evidence. Deleting it again changes nothing. Errors: LOGGED_MODEL_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.DeleteLoggedModelResponse deleteLoggedModel(dev.runlore.v1.DeleteLoggedModelRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteLoggedModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Restores a deleted logged model. Restoring an active one changes nothing. One of a deleted experiment comes back
     * with its experiment only. Errors: LOGGED_MODEL_NOT_FOUND, EXPERIMENT_DELETED.
     * </pre>
     */
    public dev.runlore.v1.RestoreLoggedModelResponse restoreLoggedModel(dev.runlore.v1.RestoreLoggedModelRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRestoreLoggedModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a deleted logged model for good, with its params, tags and metric points, also from the runs that read or
     * made it. Its events stay, and versions registered from it keep their evidence, their files and the link to it. Its id
     * is not given again. The server does the same by itself to what was deleted for longer than its `--purge-after`.
     * Errors: LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_NOT_DELETED (only what was deleted before, by itself or with its
     * experiment, can be purged).
     * </pre>
     */
    public dev.runlore.v1.PurgeLoggedModelResponse purgeLoggedModel(dev.runlore.v1.PurgeLoggedModelRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPurgeLoggedModelMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service LoggedModelService.
   * <pre>
   * Records logged models. Which run read or made one is the run's to say: TrackingService.LogInputs and LogOutputs.
   * </pre>
   */
  public static final class LoggedModelServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<LoggedModelServiceBlockingStub> {
    private LoggedModelServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected LoggedModelServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new LoggedModelServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a logged model, PENDING unless told otherwise. Errors: LOGGED_MODEL_EXISTS, EXPERIMENT_NOT_FOUND,
     * EXPERIMENT_DELETED, RUN_NOT_FOUND (the source run), ARTIFACT_NOT_FOUND, MANIFEST_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.CreateLoggedModelResponse createLoggedModel(dev.runlore.v1.CreateLoggedModelRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateLoggedModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a logged model, deleted or not. Errors: LOGGED_MODEL_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.GetLoggedModelResponse getLoggedModel(dev.runlore.v1.GetLoggedModelRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetLoggedModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the logged models that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN,
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.SearchLoggedModelsResponse searchLoggedModels(dev.runlore.v1.SearchLoggedModelsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSearchLoggedModelsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the named fields of a logged model. Setting what is there already changes nothing. Errors:
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, ETAG_MISMATCH, ARTIFACT_NOT_FOUND, MANIFEST_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.UpdateLoggedModelResponse updateLoggedModel(dev.runlore.v1.UpdateLoggedModelRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateLoggedModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Adds params, all or nothing. Params are immutable; the same value again is fine. Errors: LOGGED_MODEL_NOT_FOUND,
     * LOGGED_MODEL_DELETED, PARAM_CONFLICT.
     * </pre>
     */
    public dev.runlore.v1.LogLoggedModelParamsResponse logLoggedModelParams(dev.runlore.v1.LogLoggedModelParamsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getLogLoggedModelParamsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Adds metric points, all or nothing. A point that is equal to one that is there in all of its fields is that point,
     * so that a call can be repeated. Errors: LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, RUN_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.LogLoggedModelMetricsResponse logLoggedModelMetrics(dev.runlore.v1.LogLoggedModelMetricsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getLogLoggedModelMetricsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists all metric points of a logged model, a page at a time: series by series (key, dataset and run) in the order
     * in which the first point of each was logged, each by time, step and value. Errors: LOGGED_MODEL_NOT_FOUND,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.ListLoggedModelMetricsResponse listLoggedModelMetrics(dev.runlore.v1.ListLoggedModelMetricsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListLoggedModelMetricsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets and deletes tags of a logged model. Deleting a tag that is not there changes nothing. Errors:
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED.
     * </pre>
     */
    public dev.runlore.v1.SetLoggedModelTagsResponse setLoggedModelTags(dev.runlore.v1.SetLoggedModelTagsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetLoggedModelTagsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a logged model: it is out of searches and takes nothing new; versions registered from it keep their files
     * and evidence. Deleting it again changes nothing. Errors: LOGGED_MODEL_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.DeleteLoggedModelResponse deleteLoggedModel(dev.runlore.v1.DeleteLoggedModelRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteLoggedModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Restores a deleted logged model. Restoring an active one changes nothing. One of a deleted experiment comes back
     * with its experiment only. Errors: LOGGED_MODEL_NOT_FOUND, EXPERIMENT_DELETED.
     * </pre>
     */
    public dev.runlore.v1.RestoreLoggedModelResponse restoreLoggedModel(dev.runlore.v1.RestoreLoggedModelRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRestoreLoggedModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a deleted logged model for good, with its params, tags and metric points, also from the runs that read or
     * made it. Its events stay, and versions registered from it keep their evidence, their files and the link to it. Its id
     * is not given again. The server does the same by itself to what was deleted for longer than its `--purge-after`.
     * Errors: LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_NOT_DELETED (only what was deleted before, by itself or with its
     * experiment, can be purged).
     * </pre>
     */
    public dev.runlore.v1.PurgeLoggedModelResponse purgeLoggedModel(dev.runlore.v1.PurgeLoggedModelRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPurgeLoggedModelMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service LoggedModelService.
   * <pre>
   * Records logged models. Which run read or made one is the run's to say: TrackingService.LogInputs and LogOutputs.
   * </pre>
   */
  public static final class LoggedModelServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<LoggedModelServiceFutureStub> {
    private LoggedModelServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected LoggedModelServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new LoggedModelServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a logged model, PENDING unless told otherwise. Errors: LOGGED_MODEL_EXISTS, EXPERIMENT_NOT_FOUND,
     * EXPERIMENT_DELETED, RUN_NOT_FOUND (the source run), ARTIFACT_NOT_FOUND, MANIFEST_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.CreateLoggedModelResponse> createLoggedModel(
        dev.runlore.v1.CreateLoggedModelRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateLoggedModelMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a logged model, deleted or not. Errors: LOGGED_MODEL_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.GetLoggedModelResponse> getLoggedModel(
        dev.runlore.v1.GetLoggedModelRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetLoggedModelMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns the logged models that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN,
     * EXPERIMENT_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.SearchLoggedModelsResponse> searchLoggedModels(
        dev.runlore.v1.SearchLoggedModelsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSearchLoggedModelsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the named fields of a logged model. Setting what is there already changes nothing. Errors:
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, ETAG_MISMATCH, ARTIFACT_NOT_FOUND, MANIFEST_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.UpdateLoggedModelResponse> updateLoggedModel(
        dev.runlore.v1.UpdateLoggedModelRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateLoggedModelMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Adds params, all or nothing. Params are immutable; the same value again is fine. Errors: LOGGED_MODEL_NOT_FOUND,
     * LOGGED_MODEL_DELETED, PARAM_CONFLICT.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.LogLoggedModelParamsResponse> logLoggedModelParams(
        dev.runlore.v1.LogLoggedModelParamsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getLogLoggedModelParamsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Adds metric points, all or nothing. A point that is equal to one that is there in all of its fields is that point,
     * so that a call can be repeated. Errors: LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, RUN_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.LogLoggedModelMetricsResponse> logLoggedModelMetrics(
        dev.runlore.v1.LogLoggedModelMetricsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getLogLoggedModelMetricsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists all metric points of a logged model, a page at a time: series by series (key, dataset and run) in the order
     * in which the first point of each was logged, each by time, step and value. Errors: LOGGED_MODEL_NOT_FOUND,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.ListLoggedModelMetricsResponse> listLoggedModelMetrics(
        dev.runlore.v1.ListLoggedModelMetricsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListLoggedModelMetricsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sets and deletes tags of a logged model. Deleting a tag that is not there changes nothing. Errors:
     * LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.SetLoggedModelTagsResponse> setLoggedModelTags(
        dev.runlore.v1.SetLoggedModelTagsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetLoggedModelTagsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a logged model: it is out of searches and takes nothing new; versions registered from it keep their files
     * and evidence. Deleting it again changes nothing. Errors: LOGGED_MODEL_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.DeleteLoggedModelResponse> deleteLoggedModel(
        dev.runlore.v1.DeleteLoggedModelRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteLoggedModelMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Restores a deleted logged model. Restoring an active one changes nothing. One of a deleted experiment comes back
     * with its experiment only. Errors: LOGGED_MODEL_NOT_FOUND, EXPERIMENT_DELETED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.RestoreLoggedModelResponse> restoreLoggedModel(
        dev.runlore.v1.RestoreLoggedModelRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRestoreLoggedModelMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes a deleted logged model for good, with its params, tags and metric points, also from the runs that read or
     * made it. Its events stay, and versions registered from it keep their evidence, their files and the link to it. Its id
     * is not given again. The server does the same by itself to what was deleted for longer than its `--purge-after`.
     * Errors: LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_NOT_DELETED (only what was deleted before, by itself or with its
     * experiment, can be purged).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.PurgeLoggedModelResponse> purgeLoggedModel(
        dev.runlore.v1.PurgeLoggedModelRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPurgeLoggedModelMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_LOGGED_MODEL = 0;
  private static final int METHODID_GET_LOGGED_MODEL = 1;
  private static final int METHODID_SEARCH_LOGGED_MODELS = 2;
  private static final int METHODID_UPDATE_LOGGED_MODEL = 3;
  private static final int METHODID_LOG_LOGGED_MODEL_PARAMS = 4;
  private static final int METHODID_LOG_LOGGED_MODEL_METRICS = 5;
  private static final int METHODID_LIST_LOGGED_MODEL_METRICS = 6;
  private static final int METHODID_SET_LOGGED_MODEL_TAGS = 7;
  private static final int METHODID_DELETE_LOGGED_MODEL = 8;
  private static final int METHODID_RESTORE_LOGGED_MODEL = 9;
  private static final int METHODID_PURGE_LOGGED_MODEL = 10;

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
        case METHODID_CREATE_LOGGED_MODEL:
          serviceImpl.createLoggedModel((dev.runlore.v1.CreateLoggedModelRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.CreateLoggedModelResponse>) responseObserver);
          break;
        case METHODID_GET_LOGGED_MODEL:
          serviceImpl.getLoggedModel((dev.runlore.v1.GetLoggedModelRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.GetLoggedModelResponse>) responseObserver);
          break;
        case METHODID_SEARCH_LOGGED_MODELS:
          serviceImpl.searchLoggedModels((dev.runlore.v1.SearchLoggedModelsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.SearchLoggedModelsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_LOGGED_MODEL:
          serviceImpl.updateLoggedModel((dev.runlore.v1.UpdateLoggedModelRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateLoggedModelResponse>) responseObserver);
          break;
        case METHODID_LOG_LOGGED_MODEL_PARAMS:
          serviceImpl.logLoggedModelParams((dev.runlore.v1.LogLoggedModelParamsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.LogLoggedModelParamsResponse>) responseObserver);
          break;
        case METHODID_LOG_LOGGED_MODEL_METRICS:
          serviceImpl.logLoggedModelMetrics((dev.runlore.v1.LogLoggedModelMetricsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.LogLoggedModelMetricsResponse>) responseObserver);
          break;
        case METHODID_LIST_LOGGED_MODEL_METRICS:
          serviceImpl.listLoggedModelMetrics((dev.runlore.v1.ListLoggedModelMetricsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.ListLoggedModelMetricsResponse>) responseObserver);
          break;
        case METHODID_SET_LOGGED_MODEL_TAGS:
          serviceImpl.setLoggedModelTags((dev.runlore.v1.SetLoggedModelTagsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.SetLoggedModelTagsResponse>) responseObserver);
          break;
        case METHODID_DELETE_LOGGED_MODEL:
          serviceImpl.deleteLoggedModel((dev.runlore.v1.DeleteLoggedModelRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteLoggedModelResponse>) responseObserver);
          break;
        case METHODID_RESTORE_LOGGED_MODEL:
          serviceImpl.restoreLoggedModel((dev.runlore.v1.RestoreLoggedModelRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.RestoreLoggedModelResponse>) responseObserver);
          break;
        case METHODID_PURGE_LOGGED_MODEL:
          serviceImpl.purgeLoggedModel((dev.runlore.v1.PurgeLoggedModelRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.PurgeLoggedModelResponse>) responseObserver);
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
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getCreateLoggedModelMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.CreateLoggedModelRequest,
              dev.runlore.v1.CreateLoggedModelResponse>(
                service, METHODID_CREATE_LOGGED_MODEL)))
        .addMethod(
          getGetLoggedModelMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.GetLoggedModelRequest,
              dev.runlore.v1.GetLoggedModelResponse>(
                service, METHODID_GET_LOGGED_MODEL)))
        .addMethod(
          getSearchLoggedModelsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.SearchLoggedModelsRequest,
              dev.runlore.v1.SearchLoggedModelsResponse>(
                service, METHODID_SEARCH_LOGGED_MODELS)))
        .addMethod(
          getUpdateLoggedModelMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.UpdateLoggedModelRequest,
              dev.runlore.v1.UpdateLoggedModelResponse>(
                service, METHODID_UPDATE_LOGGED_MODEL)))
        .addMethod(
          getLogLoggedModelParamsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.LogLoggedModelParamsRequest,
              dev.runlore.v1.LogLoggedModelParamsResponse>(
                service, METHODID_LOG_LOGGED_MODEL_PARAMS)))
        .addMethod(
          getLogLoggedModelMetricsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.LogLoggedModelMetricsRequest,
              dev.runlore.v1.LogLoggedModelMetricsResponse>(
                service, METHODID_LOG_LOGGED_MODEL_METRICS)))
        .addMethod(
          getListLoggedModelMetricsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.ListLoggedModelMetricsRequest,
              dev.runlore.v1.ListLoggedModelMetricsResponse>(
                service, METHODID_LIST_LOGGED_MODEL_METRICS)))
        .addMethod(
          getSetLoggedModelTagsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.SetLoggedModelTagsRequest,
              dev.runlore.v1.SetLoggedModelTagsResponse>(
                service, METHODID_SET_LOGGED_MODEL_TAGS)))
        .addMethod(
          getDeleteLoggedModelMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.DeleteLoggedModelRequest,
              dev.runlore.v1.DeleteLoggedModelResponse>(
                service, METHODID_DELETE_LOGGED_MODEL)))
        .addMethod(
          getRestoreLoggedModelMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.RestoreLoggedModelRequest,
              dev.runlore.v1.RestoreLoggedModelResponse>(
                service, METHODID_RESTORE_LOGGED_MODEL)))
        .addMethod(
          getPurgeLoggedModelMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.PurgeLoggedModelRequest,
              dev.runlore.v1.PurgeLoggedModelResponse>(
                service, METHODID_PURGE_LOGGED_MODEL)))
        .build();
  }

  private static abstract class LoggedModelServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    LoggedModelServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.runlore.v1.LoggedModelProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("LoggedModelService");
    }
  }

  private static final class LoggedModelServiceFileDescriptorSupplier
      extends LoggedModelServiceBaseDescriptorSupplier {
    LoggedModelServiceFileDescriptorSupplier() {}
  }

  private static final class LoggedModelServiceMethodDescriptorSupplier
      extends LoggedModelServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    LoggedModelServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (LoggedModelServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new LoggedModelServiceFileDescriptorSupplier())
              .addMethod(getCreateLoggedModelMethod())
              .addMethod(getGetLoggedModelMethod())
              .addMethod(getSearchLoggedModelsMethod())
              .addMethod(getUpdateLoggedModelMethod())
              .addMethod(getLogLoggedModelParamsMethod())
              .addMethod(getLogLoggedModelMetricsMethod())
              .addMethod(getListLoggedModelMetricsMethod())
              .addMethod(getSetLoggedModelTagsMethod())
              .addMethod(getDeleteLoggedModelMethod())
              .addMethod(getRestoreLoggedModelMethod())
              .addMethod(getPurgeLoggedModelMethod())
              .build();
        }
      }
    }
    return result;
  }
}
