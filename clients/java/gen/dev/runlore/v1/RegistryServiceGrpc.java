package dev.runlore.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Names models, numbers their versions, and moves aliases between them on evidence.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class RegistryServiceGrpc {

  private RegistryServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "runlore.v1.RegistryService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.CreateRegisteredModelRequest,
      dev.runlore.v1.CreateRegisteredModelResponse> getCreateRegisteredModelMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateRegisteredModel",
      requestType = dev.runlore.v1.CreateRegisteredModelRequest.class,
      responseType = dev.runlore.v1.CreateRegisteredModelResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.CreateRegisteredModelRequest,
      dev.runlore.v1.CreateRegisteredModelResponse> getCreateRegisteredModelMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.CreateRegisteredModelRequest, dev.runlore.v1.CreateRegisteredModelResponse> getCreateRegisteredModelMethod;
    if ((getCreateRegisteredModelMethod = RegistryServiceGrpc.getCreateRegisteredModelMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getCreateRegisteredModelMethod = RegistryServiceGrpc.getCreateRegisteredModelMethod) == null) {
          RegistryServiceGrpc.getCreateRegisteredModelMethod = getCreateRegisteredModelMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.CreateRegisteredModelRequest, dev.runlore.v1.CreateRegisteredModelResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateRegisteredModel"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.CreateRegisteredModelRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.CreateRegisteredModelResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("CreateRegisteredModel"))
              .build();
        }
      }
    }
    return getCreateRegisteredModelMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.GetRegisteredModelRequest,
      dev.runlore.v1.GetRegisteredModelResponse> getGetRegisteredModelMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetRegisteredModel",
      requestType = dev.runlore.v1.GetRegisteredModelRequest.class,
      responseType = dev.runlore.v1.GetRegisteredModelResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.GetRegisteredModelRequest,
      dev.runlore.v1.GetRegisteredModelResponse> getGetRegisteredModelMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.GetRegisteredModelRequest, dev.runlore.v1.GetRegisteredModelResponse> getGetRegisteredModelMethod;
    if ((getGetRegisteredModelMethod = RegistryServiceGrpc.getGetRegisteredModelMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getGetRegisteredModelMethod = RegistryServiceGrpc.getGetRegisteredModelMethod) == null) {
          RegistryServiceGrpc.getGetRegisteredModelMethod = getGetRegisteredModelMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.GetRegisteredModelRequest, dev.runlore.v1.GetRegisteredModelResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetRegisteredModel"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetRegisteredModelRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetRegisteredModelResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("GetRegisteredModel"))
              .build();
        }
      }
    }
    return getGetRegisteredModelMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.SearchRegisteredModelsRequest,
      dev.runlore.v1.SearchRegisteredModelsResponse> getSearchRegisteredModelsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SearchRegisteredModels",
      requestType = dev.runlore.v1.SearchRegisteredModelsRequest.class,
      responseType = dev.runlore.v1.SearchRegisteredModelsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.SearchRegisteredModelsRequest,
      dev.runlore.v1.SearchRegisteredModelsResponse> getSearchRegisteredModelsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.SearchRegisteredModelsRequest, dev.runlore.v1.SearchRegisteredModelsResponse> getSearchRegisteredModelsMethod;
    if ((getSearchRegisteredModelsMethod = RegistryServiceGrpc.getSearchRegisteredModelsMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getSearchRegisteredModelsMethod = RegistryServiceGrpc.getSearchRegisteredModelsMethod) == null) {
          RegistryServiceGrpc.getSearchRegisteredModelsMethod = getSearchRegisteredModelsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.SearchRegisteredModelsRequest, dev.runlore.v1.SearchRegisteredModelsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SearchRegisteredModels"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SearchRegisteredModelsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SearchRegisteredModelsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("SearchRegisteredModels"))
              .build();
        }
      }
    }
    return getSearchRegisteredModelsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.UpdateRegisteredModelRequest,
      dev.runlore.v1.UpdateRegisteredModelResponse> getUpdateRegisteredModelMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateRegisteredModel",
      requestType = dev.runlore.v1.UpdateRegisteredModelRequest.class,
      responseType = dev.runlore.v1.UpdateRegisteredModelResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.UpdateRegisteredModelRequest,
      dev.runlore.v1.UpdateRegisteredModelResponse> getUpdateRegisteredModelMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.UpdateRegisteredModelRequest, dev.runlore.v1.UpdateRegisteredModelResponse> getUpdateRegisteredModelMethod;
    if ((getUpdateRegisteredModelMethod = RegistryServiceGrpc.getUpdateRegisteredModelMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getUpdateRegisteredModelMethod = RegistryServiceGrpc.getUpdateRegisteredModelMethod) == null) {
          RegistryServiceGrpc.getUpdateRegisteredModelMethod = getUpdateRegisteredModelMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.UpdateRegisteredModelRequest, dev.runlore.v1.UpdateRegisteredModelResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateRegisteredModel"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.UpdateRegisteredModelRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.UpdateRegisteredModelResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("UpdateRegisteredModel"))
              .build();
        }
      }
    }
    return getUpdateRegisteredModelMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.SetRegisteredModelTagsRequest,
      dev.runlore.v1.SetRegisteredModelTagsResponse> getSetRegisteredModelTagsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetRegisteredModelTags",
      requestType = dev.runlore.v1.SetRegisteredModelTagsRequest.class,
      responseType = dev.runlore.v1.SetRegisteredModelTagsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.SetRegisteredModelTagsRequest,
      dev.runlore.v1.SetRegisteredModelTagsResponse> getSetRegisteredModelTagsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.SetRegisteredModelTagsRequest, dev.runlore.v1.SetRegisteredModelTagsResponse> getSetRegisteredModelTagsMethod;
    if ((getSetRegisteredModelTagsMethod = RegistryServiceGrpc.getSetRegisteredModelTagsMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getSetRegisteredModelTagsMethod = RegistryServiceGrpc.getSetRegisteredModelTagsMethod) == null) {
          RegistryServiceGrpc.getSetRegisteredModelTagsMethod = getSetRegisteredModelTagsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.SetRegisteredModelTagsRequest, dev.runlore.v1.SetRegisteredModelTagsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetRegisteredModelTags"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SetRegisteredModelTagsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SetRegisteredModelTagsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("SetRegisteredModelTags"))
              .build();
        }
      }
    }
    return getSetRegisteredModelTagsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.DeleteRegisteredModelRequest,
      dev.runlore.v1.DeleteRegisteredModelResponse> getDeleteRegisteredModelMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteRegisteredModel",
      requestType = dev.runlore.v1.DeleteRegisteredModelRequest.class,
      responseType = dev.runlore.v1.DeleteRegisteredModelResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.DeleteRegisteredModelRequest,
      dev.runlore.v1.DeleteRegisteredModelResponse> getDeleteRegisteredModelMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.DeleteRegisteredModelRequest, dev.runlore.v1.DeleteRegisteredModelResponse> getDeleteRegisteredModelMethod;
    if ((getDeleteRegisteredModelMethod = RegistryServiceGrpc.getDeleteRegisteredModelMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getDeleteRegisteredModelMethod = RegistryServiceGrpc.getDeleteRegisteredModelMethod) == null) {
          RegistryServiceGrpc.getDeleteRegisteredModelMethod = getDeleteRegisteredModelMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.DeleteRegisteredModelRequest, dev.runlore.v1.DeleteRegisteredModelResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteRegisteredModel"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteRegisteredModelRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteRegisteredModelResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("DeleteRegisteredModel"))
              .build();
        }
      }
    }
    return getDeleteRegisteredModelMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.CreateModelVersionRequest,
      dev.runlore.v1.CreateModelVersionResponse> getCreateModelVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateModelVersion",
      requestType = dev.runlore.v1.CreateModelVersionRequest.class,
      responseType = dev.runlore.v1.CreateModelVersionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.CreateModelVersionRequest,
      dev.runlore.v1.CreateModelVersionResponse> getCreateModelVersionMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.CreateModelVersionRequest, dev.runlore.v1.CreateModelVersionResponse> getCreateModelVersionMethod;
    if ((getCreateModelVersionMethod = RegistryServiceGrpc.getCreateModelVersionMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getCreateModelVersionMethod = RegistryServiceGrpc.getCreateModelVersionMethod) == null) {
          RegistryServiceGrpc.getCreateModelVersionMethod = getCreateModelVersionMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.CreateModelVersionRequest, dev.runlore.v1.CreateModelVersionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateModelVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.CreateModelVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.CreateModelVersionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("CreateModelVersion"))
              .build();
        }
      }
    }
    return getCreateModelVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.GetModelVersionRequest,
      dev.runlore.v1.GetModelVersionResponse> getGetModelVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetModelVersion",
      requestType = dev.runlore.v1.GetModelVersionRequest.class,
      responseType = dev.runlore.v1.GetModelVersionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.GetModelVersionRequest,
      dev.runlore.v1.GetModelVersionResponse> getGetModelVersionMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.GetModelVersionRequest, dev.runlore.v1.GetModelVersionResponse> getGetModelVersionMethod;
    if ((getGetModelVersionMethod = RegistryServiceGrpc.getGetModelVersionMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getGetModelVersionMethod = RegistryServiceGrpc.getGetModelVersionMethod) == null) {
          RegistryServiceGrpc.getGetModelVersionMethod = getGetModelVersionMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.GetModelVersionRequest, dev.runlore.v1.GetModelVersionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetModelVersion"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetModelVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.GetModelVersionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("GetModelVersion"))
              .build();
        }
      }
    }
    return getGetModelVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.SearchModelVersionsRequest,
      dev.runlore.v1.SearchModelVersionsResponse> getSearchModelVersionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SearchModelVersions",
      requestType = dev.runlore.v1.SearchModelVersionsRequest.class,
      responseType = dev.runlore.v1.SearchModelVersionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.SearchModelVersionsRequest,
      dev.runlore.v1.SearchModelVersionsResponse> getSearchModelVersionsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.SearchModelVersionsRequest, dev.runlore.v1.SearchModelVersionsResponse> getSearchModelVersionsMethod;
    if ((getSearchModelVersionsMethod = RegistryServiceGrpc.getSearchModelVersionsMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getSearchModelVersionsMethod = RegistryServiceGrpc.getSearchModelVersionsMethod) == null) {
          RegistryServiceGrpc.getSearchModelVersionsMethod = getSearchModelVersionsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.SearchModelVersionsRequest, dev.runlore.v1.SearchModelVersionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SearchModelVersions"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SearchModelVersionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SearchModelVersionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("SearchModelVersions"))
              .build();
        }
      }
    }
    return getSearchModelVersionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.UpdateModelVersionRequest,
      dev.runlore.v1.UpdateModelVersionResponse> getUpdateModelVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateModelVersion",
      requestType = dev.runlore.v1.UpdateModelVersionRequest.class,
      responseType = dev.runlore.v1.UpdateModelVersionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.UpdateModelVersionRequest,
      dev.runlore.v1.UpdateModelVersionResponse> getUpdateModelVersionMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.UpdateModelVersionRequest, dev.runlore.v1.UpdateModelVersionResponse> getUpdateModelVersionMethod;
    if ((getUpdateModelVersionMethod = RegistryServiceGrpc.getUpdateModelVersionMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getUpdateModelVersionMethod = RegistryServiceGrpc.getUpdateModelVersionMethod) == null) {
          RegistryServiceGrpc.getUpdateModelVersionMethod = getUpdateModelVersionMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.UpdateModelVersionRequest, dev.runlore.v1.UpdateModelVersionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateModelVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.UpdateModelVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.UpdateModelVersionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("UpdateModelVersion"))
              .build();
        }
      }
    }
    return getUpdateModelVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.SetModelVersionTagsRequest,
      dev.runlore.v1.SetModelVersionTagsResponse> getSetModelVersionTagsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetModelVersionTags",
      requestType = dev.runlore.v1.SetModelVersionTagsRequest.class,
      responseType = dev.runlore.v1.SetModelVersionTagsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.SetModelVersionTagsRequest,
      dev.runlore.v1.SetModelVersionTagsResponse> getSetModelVersionTagsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.SetModelVersionTagsRequest, dev.runlore.v1.SetModelVersionTagsResponse> getSetModelVersionTagsMethod;
    if ((getSetModelVersionTagsMethod = RegistryServiceGrpc.getSetModelVersionTagsMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getSetModelVersionTagsMethod = RegistryServiceGrpc.getSetModelVersionTagsMethod) == null) {
          RegistryServiceGrpc.getSetModelVersionTagsMethod = getSetModelVersionTagsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.SetModelVersionTagsRequest, dev.runlore.v1.SetModelVersionTagsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetModelVersionTags"))
              .setIdempotent(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SetModelVersionTagsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SetModelVersionTagsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("SetModelVersionTags"))
              .build();
        }
      }
    }
    return getSetModelVersionTagsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.DeleteModelVersionRequest,
      dev.runlore.v1.DeleteModelVersionResponse> getDeleteModelVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteModelVersion",
      requestType = dev.runlore.v1.DeleteModelVersionRequest.class,
      responseType = dev.runlore.v1.DeleteModelVersionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.DeleteModelVersionRequest,
      dev.runlore.v1.DeleteModelVersionResponse> getDeleteModelVersionMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.DeleteModelVersionRequest, dev.runlore.v1.DeleteModelVersionResponse> getDeleteModelVersionMethod;
    if ((getDeleteModelVersionMethod = RegistryServiceGrpc.getDeleteModelVersionMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getDeleteModelVersionMethod = RegistryServiceGrpc.getDeleteModelVersionMethod) == null) {
          RegistryServiceGrpc.getDeleteModelVersionMethod = getDeleteModelVersionMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.DeleteModelVersionRequest, dev.runlore.v1.DeleteModelVersionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteModelVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteModelVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteModelVersionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("DeleteModelVersion"))
              .build();
        }
      }
    }
    return getDeleteModelVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.SetStageRequest,
      dev.runlore.v1.SetStageResponse> getSetStageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetStage",
      requestType = dev.runlore.v1.SetStageRequest.class,
      responseType = dev.runlore.v1.SetStageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.SetStageRequest,
      dev.runlore.v1.SetStageResponse> getSetStageMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.SetStageRequest, dev.runlore.v1.SetStageResponse> getSetStageMethod;
    if ((getSetStageMethod = RegistryServiceGrpc.getSetStageMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getSetStageMethod = RegistryServiceGrpc.getSetStageMethod) == null) {
          RegistryServiceGrpc.getSetStageMethod = getSetStageMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.SetStageRequest, dev.runlore.v1.SetStageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetStage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SetStageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SetStageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("SetStage"))
              .build();
        }
      }
    }
    return getSetStageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.RecordEvaluationRequest,
      dev.runlore.v1.RecordEvaluationResponse> getRecordEvaluationMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RecordEvaluation",
      requestType = dev.runlore.v1.RecordEvaluationRequest.class,
      responseType = dev.runlore.v1.RecordEvaluationResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.RecordEvaluationRequest,
      dev.runlore.v1.RecordEvaluationResponse> getRecordEvaluationMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.RecordEvaluationRequest, dev.runlore.v1.RecordEvaluationResponse> getRecordEvaluationMethod;
    if ((getRecordEvaluationMethod = RegistryServiceGrpc.getRecordEvaluationMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getRecordEvaluationMethod = RegistryServiceGrpc.getRecordEvaluationMethod) == null) {
          RegistryServiceGrpc.getRecordEvaluationMethod = getRecordEvaluationMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.RecordEvaluationRequest, dev.runlore.v1.RecordEvaluationResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RecordEvaluation"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.RecordEvaluationRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.RecordEvaluationResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("RecordEvaluation"))
              .build();
        }
      }
    }
    return getRecordEvaluationMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.ListEvaluationsRequest,
      dev.runlore.v1.ListEvaluationsResponse> getListEvaluationsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListEvaluations",
      requestType = dev.runlore.v1.ListEvaluationsRequest.class,
      responseType = dev.runlore.v1.ListEvaluationsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.ListEvaluationsRequest,
      dev.runlore.v1.ListEvaluationsResponse> getListEvaluationsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.ListEvaluationsRequest, dev.runlore.v1.ListEvaluationsResponse> getListEvaluationsMethod;
    if ((getListEvaluationsMethod = RegistryServiceGrpc.getListEvaluationsMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getListEvaluationsMethod = RegistryServiceGrpc.getListEvaluationsMethod) == null) {
          RegistryServiceGrpc.getListEvaluationsMethod = getListEvaluationsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.ListEvaluationsRequest, dev.runlore.v1.ListEvaluationsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListEvaluations"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.ListEvaluationsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.ListEvaluationsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("ListEvaluations"))
              .build();
        }
      }
    }
    return getListEvaluationsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.SetAliasRequest,
      dev.runlore.v1.SetAliasResponse> getSetAliasMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetAlias",
      requestType = dev.runlore.v1.SetAliasRequest.class,
      responseType = dev.runlore.v1.SetAliasResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.SetAliasRequest,
      dev.runlore.v1.SetAliasResponse> getSetAliasMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.SetAliasRequest, dev.runlore.v1.SetAliasResponse> getSetAliasMethod;
    if ((getSetAliasMethod = RegistryServiceGrpc.getSetAliasMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getSetAliasMethod = RegistryServiceGrpc.getSetAliasMethod) == null) {
          RegistryServiceGrpc.getSetAliasMethod = getSetAliasMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.SetAliasRequest, dev.runlore.v1.SetAliasResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetAlias"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SetAliasRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.SetAliasResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("SetAlias"))
              .build();
        }
      }
    }
    return getSetAliasMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.RollbackAliasRequest,
      dev.runlore.v1.RollbackAliasResponse> getRollbackAliasMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RollbackAlias",
      requestType = dev.runlore.v1.RollbackAliasRequest.class,
      responseType = dev.runlore.v1.RollbackAliasResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.RollbackAliasRequest,
      dev.runlore.v1.RollbackAliasResponse> getRollbackAliasMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.RollbackAliasRequest, dev.runlore.v1.RollbackAliasResponse> getRollbackAliasMethod;
    if ((getRollbackAliasMethod = RegistryServiceGrpc.getRollbackAliasMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getRollbackAliasMethod = RegistryServiceGrpc.getRollbackAliasMethod) == null) {
          RegistryServiceGrpc.getRollbackAliasMethod = getRollbackAliasMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.RollbackAliasRequest, dev.runlore.v1.RollbackAliasResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RollbackAlias"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.RollbackAliasRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.RollbackAliasResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("RollbackAlias"))
              .build();
        }
      }
    }
    return getRollbackAliasMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.DeleteAliasRequest,
      dev.runlore.v1.DeleteAliasResponse> getDeleteAliasMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteAlias",
      requestType = dev.runlore.v1.DeleteAliasRequest.class,
      responseType = dev.runlore.v1.DeleteAliasResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.DeleteAliasRequest,
      dev.runlore.v1.DeleteAliasResponse> getDeleteAliasMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.DeleteAliasRequest, dev.runlore.v1.DeleteAliasResponse> getDeleteAliasMethod;
    if ((getDeleteAliasMethod = RegistryServiceGrpc.getDeleteAliasMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getDeleteAliasMethod = RegistryServiceGrpc.getDeleteAliasMethod) == null) {
          RegistryServiceGrpc.getDeleteAliasMethod = getDeleteAliasMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.DeleteAliasRequest, dev.runlore.v1.DeleteAliasResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteAlias"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteAliasRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.DeleteAliasResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("DeleteAlias"))
              .build();
        }
      }
    }
    return getDeleteAliasMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.ResolveRequest,
      dev.runlore.v1.ResolveResponse> getResolveMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Resolve",
      requestType = dev.runlore.v1.ResolveRequest.class,
      responseType = dev.runlore.v1.ResolveResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.ResolveRequest,
      dev.runlore.v1.ResolveResponse> getResolveMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.ResolveRequest, dev.runlore.v1.ResolveResponse> getResolveMethod;
    if ((getResolveMethod = RegistryServiceGrpc.getResolveMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getResolveMethod = RegistryServiceGrpc.getResolveMethod) == null) {
          RegistryServiceGrpc.getResolveMethod = getResolveMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.ResolveRequest, dev.runlore.v1.ResolveResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Resolve"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.ResolveRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.ResolveResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("Resolve"))
              .build();
        }
      }
    }
    return getResolveMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.BatchResolveRequest,
      dev.runlore.v1.BatchResolveResponse> getBatchResolveMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "BatchResolve",
      requestType = dev.runlore.v1.BatchResolveRequest.class,
      responseType = dev.runlore.v1.BatchResolveResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.BatchResolveRequest,
      dev.runlore.v1.BatchResolveResponse> getBatchResolveMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.BatchResolveRequest, dev.runlore.v1.BatchResolveResponse> getBatchResolveMethod;
    if ((getBatchResolveMethod = RegistryServiceGrpc.getBatchResolveMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getBatchResolveMethod = RegistryServiceGrpc.getBatchResolveMethod) == null) {
          RegistryServiceGrpc.getBatchResolveMethod = getBatchResolveMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.BatchResolveRequest, dev.runlore.v1.BatchResolveResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "BatchResolve"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.BatchResolveRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.BatchResolveResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("BatchResolve"))
              .build();
        }
      }
    }
    return getBatchResolveMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static RegistryServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RegistryServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RegistryServiceStub>() {
        @java.lang.Override
        public RegistryServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RegistryServiceStub(channel, callOptions);
        }
      };
    return RegistryServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static RegistryServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RegistryServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RegistryServiceBlockingV2Stub>() {
        @java.lang.Override
        public RegistryServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RegistryServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return RegistryServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static RegistryServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RegistryServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RegistryServiceBlockingStub>() {
        @java.lang.Override
        public RegistryServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RegistryServiceBlockingStub(channel, callOptions);
        }
      };
    return RegistryServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static RegistryServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RegistryServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RegistryServiceFutureStub>() {
        @java.lang.Override
        public RegistryServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RegistryServiceFutureStub(channel, callOptions);
        }
      };
    return RegistryServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Names models, numbers their versions, and moves aliases between them on evidence.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Creates a registered model. Errors: MODEL_EXISTS.
     * </pre>
     */
    default void createRegisteredModel(dev.runlore.v1.CreateRegisteredModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.CreateRegisteredModelResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateRegisteredModelMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a registered model with its aliases. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    default void getRegisteredModel(dev.runlore.v1.GetRegisteredModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetRegisteredModelResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetRegisteredModelMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns the registered models that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    default void searchRegisteredModels(dev.runlore.v1.SearchRegisteredModelsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SearchRegisteredModelsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSearchRegisteredModelsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the named fields of a model; a new name takes its versions, aliases and history along. Setting what is
     * there already changes nothing. Errors: MODEL_NOT_FOUND, MODEL_EXISTS (the new name is taken), ETAG_MISMATCH.
     * </pre>
     */
    default void updateRegisteredModel(dev.runlore.v1.UpdateRegisteredModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateRegisteredModelResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateRegisteredModelMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sets and deletes tags of a model. Deleting a tag that is not there changes nothing. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    default void setRegisteredModelTags(dev.runlore.v1.SetRegisteredModelTagsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SetRegisteredModelTagsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetRegisteredModelTagsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a model with its versions. Its name is free at once: a model that gets it is another one, with versions
     * from 1 and a history of its own, while this one's events stay readable by its id. Errors: MODEL_NOT_FOUND,
     * HAS_ALIASES, ETAG_MISMATCH.
     * </pre>
     */
    default void deleteRegisteredModel(dev.runlore.v1.DeleteRegisteredModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteRegisteredModelResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteRegisteredModelMethod(), responseObserver);
    }

    /**
     * <pre>
     * Registers files as the model's next version: 1, 2, 3 and so on, without gaps or doubles. The files must be stored,
     * or the version is PENDING until they are. Errors: MODEL_NOT_FOUND, RUN_NOT_FOUND, RUN_DELETED, ARTIFACT_NOT_FOUND,
     * MANIFEST_NOT_FOUND, LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, LOGGED_MODEL_NOT_READY.
     * </pre>
     */
    default void createModelVersion(dev.runlore.v1.CreateModelVersionRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.CreateModelVersionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateModelVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a version. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND.
     * </pre>
     */
    default void getModelVersion(dev.runlore.v1.GetModelVersionRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetModelVersionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetModelVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns the versions that match a filter, of one model or of all, a page at a time. Errors: MODEL_NOT_FOUND,
     * INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    default void searchModelVersions(dev.runlore.v1.SearchModelVersionsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SearchModelVersionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSearchModelVersionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the named fields of a version, and completes a PENDING one. Setting what is there already changes nothing.
     * Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, MODEL_VERSION_NOT_PENDING, ARTIFACT_NOT_FOUND,
     * MANIFEST_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    default void updateModelVersion(dev.runlore.v1.UpdateModelVersionRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateModelVersionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateModelVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sets and deletes tags of a version. Deleting a tag that is not there changes nothing. Errors: MODEL_NOT_FOUND,
     * MODEL_VERSION_NOT_FOUND.
     * </pre>
     */
    default void setModelVersionTags(dev.runlore.v1.SetModelVersionTagsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SetModelVersionTagsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetModelVersionTagsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a version. Its number is not given again, its events stay. Errors: MODEL_NOT_FOUND,
     * MODEL_VERSION_NOT_FOUND, HAS_ALIASES, ETAG_MISMATCH.
     * </pre>
     */
    default void deleteModelVersion(dev.runlore.v1.DeleteModelVersionRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteModelVersionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteModelVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Moves a version to another stage; with `archive_existing`, the others that are there to Archived, in the same
     * transaction. A version that is there already does not move. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * VERSION_NOT_READY (for Staging and Production), STAGE_MOVED.
     * </pre>
     */
    default void setStage(dev.runlore.v1.SetStageRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SetStageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetStageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Adds measurements to a version after its registration. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * RUN_NOT_FOUND.
     * </pre>
     */
    default void recordEvaluation(dev.runlore.v1.RecordEvaluationRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.RecordEvaluationResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRecordEvaluationMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists a version's evaluations, the one recorded last first. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    default void listEvaluations(dev.runlore.v1.ListEvaluationsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.ListEvaluationsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListEvaluationsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Points an alias at a version, if the alias is where the caller believes and every condition holds; all decided in
     * the transaction that moves it. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, VERSION_NOT_READY, ALIAS_MOVED,
     * CONDITION_NOT_MET.
     * </pre>
     */
    default void setAlias(dev.runlore.v1.SetAliasRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SetAliasResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetAliasMethod(), responseObserver);
    }

    /**
     * <pre>
     * Points an alias back at the version that held it before its present holder, by the model's history. Calling it
     * again goes further back; that the alias was deleted in between makes no difference. Errors: MODEL_NOT_FOUND,
     * ALIAS_NOT_FOUND, ALIAS_MOVED, NO_PREVIOUS_HOLDER, MODEL_VERSION_NOT_FOUND (that version is deleted).
     * </pre>
     */
    default void rollbackAlias(dev.runlore.v1.RollbackAliasRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.RollbackAliasResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRollbackAliasMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes an alias. Errors: MODEL_NOT_FOUND, ALIAS_NOT_FOUND, ALIAS_MOVED.
     * </pre>
     */
    default void deleteAlias(dev.runlore.v1.DeleteAliasRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteAliasResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteAliasMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns all that a pod needs to boot on a reference, in one call, never older than a change acknowledged before
     * the call began. Errors: INVALID_FIELD, MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, ALIAS_NOT_FOUND, STAGE_EMPTY,
     * INVALID_POSITION, POSITION_OF_ANOTHER_LOG, MANIFEST_NOT_FOUND (files of a version that was deleted long ago).
     * </pre>
     */
    default void resolve(dev.runlore.v1.ResolveRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.ResolveResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getResolveMethod(), responseObserver);
    }

    /**
     * <pre>
     * Resolves many references at once, as of one moment. Errors: as of Resolve, with `reference` in the metadata.
     * </pre>
     */
    default void batchResolve(dev.runlore.v1.BatchResolveRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.BatchResolveResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBatchResolveMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service RegistryService.
   * <pre>
   * Names models, numbers their versions, and moves aliases between them on evidence.
   * </pre>
   */
  public static abstract class RegistryServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return RegistryServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service RegistryService.
   * <pre>
   * Names models, numbers their versions, and moves aliases between them on evidence.
   * </pre>
   */
  public static final class RegistryServiceStub
      extends io.grpc.stub.AbstractAsyncStub<RegistryServiceStub> {
    private RegistryServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RegistryServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RegistryServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a registered model. Errors: MODEL_EXISTS.
     * </pre>
     */
    public void createRegisteredModel(dev.runlore.v1.CreateRegisteredModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.CreateRegisteredModelResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateRegisteredModelMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a registered model with its aliases. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    public void getRegisteredModel(dev.runlore.v1.GetRegisteredModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetRegisteredModelResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetRegisteredModelMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns the registered models that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public void searchRegisteredModels(dev.runlore.v1.SearchRegisteredModelsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SearchRegisteredModelsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSearchRegisteredModelsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the named fields of a model; a new name takes its versions, aliases and history along. Setting what is
     * there already changes nothing. Errors: MODEL_NOT_FOUND, MODEL_EXISTS (the new name is taken), ETAG_MISMATCH.
     * </pre>
     */
    public void updateRegisteredModel(dev.runlore.v1.UpdateRegisteredModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateRegisteredModelResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateRegisteredModelMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sets and deletes tags of a model. Deleting a tag that is not there changes nothing. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    public void setRegisteredModelTags(dev.runlore.v1.SetRegisteredModelTagsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SetRegisteredModelTagsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetRegisteredModelTagsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a model with its versions. Its name is free at once: a model that gets it is another one, with versions
     * from 1 and a history of its own, while this one's events stay readable by its id. Errors: MODEL_NOT_FOUND,
     * HAS_ALIASES, ETAG_MISMATCH.
     * </pre>
     */
    public void deleteRegisteredModel(dev.runlore.v1.DeleteRegisteredModelRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteRegisteredModelResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteRegisteredModelMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Registers files as the model's next version: 1, 2, 3 and so on, without gaps or doubles. The files must be stored,
     * or the version is PENDING until they are. Errors: MODEL_NOT_FOUND, RUN_NOT_FOUND, RUN_DELETED, ARTIFACT_NOT_FOUND,
     * MANIFEST_NOT_FOUND, LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, LOGGED_MODEL_NOT_READY.
     * </pre>
     */
    public void createModelVersion(dev.runlore.v1.CreateModelVersionRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.CreateModelVersionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateModelVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a version. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND.
     * </pre>
     */
    public void getModelVersion(dev.runlore.v1.GetModelVersionRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.GetModelVersionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetModelVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns the versions that match a filter, of one model or of all, a page at a time. Errors: MODEL_NOT_FOUND,
     * INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public void searchModelVersions(dev.runlore.v1.SearchModelVersionsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SearchModelVersionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSearchModelVersionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the named fields of a version, and completes a PENDING one. Setting what is there already changes nothing.
     * Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, MODEL_VERSION_NOT_PENDING, ARTIFACT_NOT_FOUND,
     * MANIFEST_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public void updateModelVersion(dev.runlore.v1.UpdateModelVersionRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateModelVersionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateModelVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sets and deletes tags of a version. Deleting a tag that is not there changes nothing. Errors: MODEL_NOT_FOUND,
     * MODEL_VERSION_NOT_FOUND.
     * </pre>
     */
    public void setModelVersionTags(dev.runlore.v1.SetModelVersionTagsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SetModelVersionTagsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetModelVersionTagsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a version. Its number is not given again, its events stay. Errors: MODEL_NOT_FOUND,
     * MODEL_VERSION_NOT_FOUND, HAS_ALIASES, ETAG_MISMATCH.
     * </pre>
     */
    public void deleteModelVersion(dev.runlore.v1.DeleteModelVersionRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteModelVersionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteModelVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Moves a version to another stage; with `archive_existing`, the others that are there to Archived, in the same
     * transaction. A version that is there already does not move. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * VERSION_NOT_READY (for Staging and Production), STAGE_MOVED.
     * </pre>
     */
    public void setStage(dev.runlore.v1.SetStageRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SetStageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetStageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Adds measurements to a version after its registration. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * RUN_NOT_FOUND.
     * </pre>
     */
    public void recordEvaluation(dev.runlore.v1.RecordEvaluationRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.RecordEvaluationResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRecordEvaluationMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists a version's evaluations, the one recorded last first. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public void listEvaluations(dev.runlore.v1.ListEvaluationsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.ListEvaluationsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListEvaluationsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Points an alias at a version, if the alias is where the caller believes and every condition holds; all decided in
     * the transaction that moves it. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, VERSION_NOT_READY, ALIAS_MOVED,
     * CONDITION_NOT_MET.
     * </pre>
     */
    public void setAlias(dev.runlore.v1.SetAliasRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.SetAliasResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetAliasMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Points an alias back at the version that held it before its present holder, by the model's history. Calling it
     * again goes further back; that the alias was deleted in between makes no difference. Errors: MODEL_NOT_FOUND,
     * ALIAS_NOT_FOUND, ALIAS_MOVED, NO_PREVIOUS_HOLDER, MODEL_VERSION_NOT_FOUND (that version is deleted).
     * </pre>
     */
    public void rollbackAlias(dev.runlore.v1.RollbackAliasRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.RollbackAliasResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRollbackAliasMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes an alias. Errors: MODEL_NOT_FOUND, ALIAS_NOT_FOUND, ALIAS_MOVED.
     * </pre>
     */
    public void deleteAlias(dev.runlore.v1.DeleteAliasRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteAliasResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteAliasMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns all that a pod needs to boot on a reference, in one call, never older than a change acknowledged before
     * the call began. Errors: INVALID_FIELD, MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, ALIAS_NOT_FOUND, STAGE_EMPTY,
     * INVALID_POSITION, POSITION_OF_ANOTHER_LOG, MANIFEST_NOT_FOUND (files of a version that was deleted long ago).
     * </pre>
     */
    public void resolve(dev.runlore.v1.ResolveRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.ResolveResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getResolveMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Resolves many references at once, as of one moment. Errors: as of Resolve, with `reference` in the metadata.
     * </pre>
     */
    public void batchResolve(dev.runlore.v1.BatchResolveRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.BatchResolveResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBatchResolveMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service RegistryService.
   * <pre>
   * Names models, numbers their versions, and moves aliases between them on evidence.
   * </pre>
   */
  public static final class RegistryServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<RegistryServiceBlockingV2Stub> {
    private RegistryServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RegistryServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RegistryServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a registered model. Errors: MODEL_EXISTS.
     * </pre>
     */
    public dev.runlore.v1.CreateRegisteredModelResponse createRegisteredModel(dev.runlore.v1.CreateRegisteredModelRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateRegisteredModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a registered model with its aliases. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.GetRegisteredModelResponse getRegisteredModel(dev.runlore.v1.GetRegisteredModelRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetRegisteredModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the registered models that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.SearchRegisteredModelsResponse searchRegisteredModels(dev.runlore.v1.SearchRegisteredModelsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSearchRegisteredModelsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the named fields of a model; a new name takes its versions, aliases and history along. Setting what is
     * there already changes nothing. Errors: MODEL_NOT_FOUND, MODEL_EXISTS (the new name is taken), ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.UpdateRegisteredModelResponse updateRegisteredModel(dev.runlore.v1.UpdateRegisteredModelRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateRegisteredModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets and deletes tags of a model. Deleting a tag that is not there changes nothing. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.SetRegisteredModelTagsResponse setRegisteredModelTags(dev.runlore.v1.SetRegisteredModelTagsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetRegisteredModelTagsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a model with its versions. Its name is free at once: a model that gets it is another one, with versions
     * from 1 and a history of its own, while this one's events stay readable by its id. Errors: MODEL_NOT_FOUND,
     * HAS_ALIASES, ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.DeleteRegisteredModelResponse deleteRegisteredModel(dev.runlore.v1.DeleteRegisteredModelRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteRegisteredModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Registers files as the model's next version: 1, 2, 3 and so on, without gaps or doubles. The files must be stored,
     * or the version is PENDING until they are. Errors: MODEL_NOT_FOUND, RUN_NOT_FOUND, RUN_DELETED, ARTIFACT_NOT_FOUND,
     * MANIFEST_NOT_FOUND, LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, LOGGED_MODEL_NOT_READY.
     * </pre>
     */
    public dev.runlore.v1.CreateModelVersionResponse createModelVersion(dev.runlore.v1.CreateModelVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateModelVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a version. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.GetModelVersionResponse getModelVersion(dev.runlore.v1.GetModelVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetModelVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the versions that match a filter, of one model or of all, a page at a time. Errors: MODEL_NOT_FOUND,
     * INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.SearchModelVersionsResponse searchModelVersions(dev.runlore.v1.SearchModelVersionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSearchModelVersionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the named fields of a version, and completes a PENDING one. Setting what is there already changes nothing.
     * Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, MODEL_VERSION_NOT_PENDING, ARTIFACT_NOT_FOUND,
     * MANIFEST_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.UpdateModelVersionResponse updateModelVersion(dev.runlore.v1.UpdateModelVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateModelVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets and deletes tags of a version. Deleting a tag that is not there changes nothing. Errors: MODEL_NOT_FOUND,
     * MODEL_VERSION_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.SetModelVersionTagsResponse setModelVersionTags(dev.runlore.v1.SetModelVersionTagsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetModelVersionTagsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a version. Its number is not given again, its events stay. Errors: MODEL_NOT_FOUND,
     * MODEL_VERSION_NOT_FOUND, HAS_ALIASES, ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.DeleteModelVersionResponse deleteModelVersion(dev.runlore.v1.DeleteModelVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteModelVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Moves a version to another stage; with `archive_existing`, the others that are there to Archived, in the same
     * transaction. A version that is there already does not move. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * VERSION_NOT_READY (for Staging and Production), STAGE_MOVED.
     * </pre>
     */
    public dev.runlore.v1.SetStageResponse setStage(dev.runlore.v1.SetStageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetStageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Adds measurements to a version after its registration. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * RUN_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.RecordEvaluationResponse recordEvaluation(dev.runlore.v1.RecordEvaluationRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRecordEvaluationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists a version's evaluations, the one recorded last first. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.ListEvaluationsResponse listEvaluations(dev.runlore.v1.ListEvaluationsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListEvaluationsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Points an alias at a version, if the alias is where the caller believes and every condition holds; all decided in
     * the transaction that moves it. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, VERSION_NOT_READY, ALIAS_MOVED,
     * CONDITION_NOT_MET.
     * </pre>
     */
    public dev.runlore.v1.SetAliasResponse setAlias(dev.runlore.v1.SetAliasRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetAliasMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Points an alias back at the version that held it before its present holder, by the model's history. Calling it
     * again goes further back; that the alias was deleted in between makes no difference. Errors: MODEL_NOT_FOUND,
     * ALIAS_NOT_FOUND, ALIAS_MOVED, NO_PREVIOUS_HOLDER, MODEL_VERSION_NOT_FOUND (that version is deleted).
     * </pre>
     */
    public dev.runlore.v1.RollbackAliasResponse rollbackAlias(dev.runlore.v1.RollbackAliasRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRollbackAliasMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes an alias. Errors: MODEL_NOT_FOUND, ALIAS_NOT_FOUND, ALIAS_MOVED.
     * </pre>
     */
    public dev.runlore.v1.DeleteAliasResponse deleteAlias(dev.runlore.v1.DeleteAliasRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteAliasMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns all that a pod needs to boot on a reference, in one call, never older than a change acknowledged before
     * the call began. Errors: INVALID_FIELD, MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, ALIAS_NOT_FOUND, STAGE_EMPTY,
     * INVALID_POSITION, POSITION_OF_ANOTHER_LOG, MANIFEST_NOT_FOUND (files of a version that was deleted long ago).
     * </pre>
     */
    public dev.runlore.v1.ResolveResponse resolve(dev.runlore.v1.ResolveRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getResolveMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Resolves many references at once, as of one moment. Errors: as of Resolve, with `reference` in the metadata.
     * </pre>
     */
    public dev.runlore.v1.BatchResolveResponse batchResolve(dev.runlore.v1.BatchResolveRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getBatchResolveMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service RegistryService.
   * <pre>
   * Names models, numbers their versions, and moves aliases between them on evidence.
   * </pre>
   */
  public static final class RegistryServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<RegistryServiceBlockingStub> {
    private RegistryServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RegistryServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RegistryServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a registered model. Errors: MODEL_EXISTS.
     * </pre>
     */
    public dev.runlore.v1.CreateRegisteredModelResponse createRegisteredModel(dev.runlore.v1.CreateRegisteredModelRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateRegisteredModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a registered model with its aliases. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.GetRegisteredModelResponse getRegisteredModel(dev.runlore.v1.GetRegisteredModelRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetRegisteredModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the registered models that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.SearchRegisteredModelsResponse searchRegisteredModels(dev.runlore.v1.SearchRegisteredModelsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSearchRegisteredModelsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the named fields of a model; a new name takes its versions, aliases and history along. Setting what is
     * there already changes nothing. Errors: MODEL_NOT_FOUND, MODEL_EXISTS (the new name is taken), ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.UpdateRegisteredModelResponse updateRegisteredModel(dev.runlore.v1.UpdateRegisteredModelRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateRegisteredModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets and deletes tags of a model. Deleting a tag that is not there changes nothing. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.SetRegisteredModelTagsResponse setRegisteredModelTags(dev.runlore.v1.SetRegisteredModelTagsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetRegisteredModelTagsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a model with its versions. Its name is free at once: a model that gets it is another one, with versions
     * from 1 and a history of its own, while this one's events stay readable by its id. Errors: MODEL_NOT_FOUND,
     * HAS_ALIASES, ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.DeleteRegisteredModelResponse deleteRegisteredModel(dev.runlore.v1.DeleteRegisteredModelRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteRegisteredModelMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Registers files as the model's next version: 1, 2, 3 and so on, without gaps or doubles. The files must be stored,
     * or the version is PENDING until they are. Errors: MODEL_NOT_FOUND, RUN_NOT_FOUND, RUN_DELETED, ARTIFACT_NOT_FOUND,
     * MANIFEST_NOT_FOUND, LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, LOGGED_MODEL_NOT_READY.
     * </pre>
     */
    public dev.runlore.v1.CreateModelVersionResponse createModelVersion(dev.runlore.v1.CreateModelVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateModelVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a version. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.GetModelVersionResponse getModelVersion(dev.runlore.v1.GetModelVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetModelVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the versions that match a filter, of one model or of all, a page at a time. Errors: MODEL_NOT_FOUND,
     * INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.SearchModelVersionsResponse searchModelVersions(dev.runlore.v1.SearchModelVersionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSearchModelVersionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the named fields of a version, and completes a PENDING one. Setting what is there already changes nothing.
     * Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, MODEL_VERSION_NOT_PENDING, ARTIFACT_NOT_FOUND,
     * MANIFEST_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.UpdateModelVersionResponse updateModelVersion(dev.runlore.v1.UpdateModelVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateModelVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets and deletes tags of a version. Deleting a tag that is not there changes nothing. Errors: MODEL_NOT_FOUND,
     * MODEL_VERSION_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.SetModelVersionTagsResponse setModelVersionTags(dev.runlore.v1.SetModelVersionTagsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetModelVersionTagsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a version. Its number is not given again, its events stay. Errors: MODEL_NOT_FOUND,
     * MODEL_VERSION_NOT_FOUND, HAS_ALIASES, ETAG_MISMATCH.
     * </pre>
     */
    public dev.runlore.v1.DeleteModelVersionResponse deleteModelVersion(dev.runlore.v1.DeleteModelVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteModelVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Moves a version to another stage; with `archive_existing`, the others that are there to Archived, in the same
     * transaction. A version that is there already does not move. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * VERSION_NOT_READY (for Staging and Production), STAGE_MOVED.
     * </pre>
     */
    public dev.runlore.v1.SetStageResponse setStage(dev.runlore.v1.SetStageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetStageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Adds measurements to a version after its registration. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * RUN_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.RecordEvaluationResponse recordEvaluation(dev.runlore.v1.RecordEvaluationRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRecordEvaluationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists a version's evaluations, the one recorded last first. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public dev.runlore.v1.ListEvaluationsResponse listEvaluations(dev.runlore.v1.ListEvaluationsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListEvaluationsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Points an alias at a version, if the alias is where the caller believes and every condition holds; all decided in
     * the transaction that moves it. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, VERSION_NOT_READY, ALIAS_MOVED,
     * CONDITION_NOT_MET.
     * </pre>
     */
    public dev.runlore.v1.SetAliasResponse setAlias(dev.runlore.v1.SetAliasRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetAliasMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Points an alias back at the version that held it before its present holder, by the model's history. Calling it
     * again goes further back; that the alias was deleted in between makes no difference. Errors: MODEL_NOT_FOUND,
     * ALIAS_NOT_FOUND, ALIAS_MOVED, NO_PREVIOUS_HOLDER, MODEL_VERSION_NOT_FOUND (that version is deleted).
     * </pre>
     */
    public dev.runlore.v1.RollbackAliasResponse rollbackAlias(dev.runlore.v1.RollbackAliasRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRollbackAliasMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes an alias. Errors: MODEL_NOT_FOUND, ALIAS_NOT_FOUND, ALIAS_MOVED.
     * </pre>
     */
    public dev.runlore.v1.DeleteAliasResponse deleteAlias(dev.runlore.v1.DeleteAliasRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteAliasMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns all that a pod needs to boot on a reference, in one call, never older than a change acknowledged before
     * the call began. Errors: INVALID_FIELD, MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, ALIAS_NOT_FOUND, STAGE_EMPTY,
     * INVALID_POSITION, POSITION_OF_ANOTHER_LOG, MANIFEST_NOT_FOUND (files of a version that was deleted long ago).
     * </pre>
     */
    public dev.runlore.v1.ResolveResponse resolve(dev.runlore.v1.ResolveRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getResolveMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Resolves many references at once, as of one moment. Errors: as of Resolve, with `reference` in the metadata.
     * </pre>
     */
    public dev.runlore.v1.BatchResolveResponse batchResolve(dev.runlore.v1.BatchResolveRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBatchResolveMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service RegistryService.
   * <pre>
   * Names models, numbers their versions, and moves aliases between them on evidence.
   * </pre>
   */
  public static final class RegistryServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<RegistryServiceFutureStub> {
    private RegistryServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RegistryServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RegistryServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a registered model. Errors: MODEL_EXISTS.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.CreateRegisteredModelResponse> createRegisteredModel(
        dev.runlore.v1.CreateRegisteredModelRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateRegisteredModelMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a registered model with its aliases. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.GetRegisteredModelResponse> getRegisteredModel(
        dev.runlore.v1.GetRegisteredModelRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetRegisteredModelMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns the registered models that match a filter, a page at a time. Errors: INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.SearchRegisteredModelsResponse> searchRegisteredModels(
        dev.runlore.v1.SearchRegisteredModelsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSearchRegisteredModelsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the named fields of a model; a new name takes its versions, aliases and history along. Setting what is
     * there already changes nothing. Errors: MODEL_NOT_FOUND, MODEL_EXISTS (the new name is taken), ETAG_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.UpdateRegisteredModelResponse> updateRegisteredModel(
        dev.runlore.v1.UpdateRegisteredModelRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateRegisteredModelMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sets and deletes tags of a model. Deleting a tag that is not there changes nothing. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.SetRegisteredModelTagsResponse> setRegisteredModelTags(
        dev.runlore.v1.SetRegisteredModelTagsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetRegisteredModelTagsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a model with its versions. Its name is free at once: a model that gets it is another one, with versions
     * from 1 and a history of its own, while this one's events stay readable by its id. Errors: MODEL_NOT_FOUND,
     * HAS_ALIASES, ETAG_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.DeleteRegisteredModelResponse> deleteRegisteredModel(
        dev.runlore.v1.DeleteRegisteredModelRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteRegisteredModelMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Registers files as the model's next version: 1, 2, 3 and so on, without gaps or doubles. The files must be stored,
     * or the version is PENDING until they are. Errors: MODEL_NOT_FOUND, RUN_NOT_FOUND, RUN_DELETED, ARTIFACT_NOT_FOUND,
     * MANIFEST_NOT_FOUND, LOGGED_MODEL_NOT_FOUND, LOGGED_MODEL_DELETED, LOGGED_MODEL_NOT_READY.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.CreateModelVersionResponse> createModelVersion(
        dev.runlore.v1.CreateModelVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateModelVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a version. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.GetModelVersionResponse> getModelVersion(
        dev.runlore.v1.GetModelVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetModelVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns the versions that match a filter, of one model or of all, a page at a time. Errors: MODEL_NOT_FOUND,
     * INVALID_FILTER, INVALID_PAGE_TOKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.SearchModelVersionsResponse> searchModelVersions(
        dev.runlore.v1.SearchModelVersionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSearchModelVersionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the named fields of a version, and completes a PENDING one. Setting what is there already changes nothing.
     * Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, MODEL_VERSION_NOT_PENDING, ARTIFACT_NOT_FOUND,
     * MANIFEST_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.UpdateModelVersionResponse> updateModelVersion(
        dev.runlore.v1.UpdateModelVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateModelVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sets and deletes tags of a version. Deleting a tag that is not there changes nothing. Errors: MODEL_NOT_FOUND,
     * MODEL_VERSION_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.SetModelVersionTagsResponse> setModelVersionTags(
        dev.runlore.v1.SetModelVersionTagsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetModelVersionTagsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a version. Its number is not given again, its events stay. Errors: MODEL_NOT_FOUND,
     * MODEL_VERSION_NOT_FOUND, HAS_ALIASES, ETAG_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.DeleteModelVersionResponse> deleteModelVersion(
        dev.runlore.v1.DeleteModelVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteModelVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Moves a version to another stage; with `archive_existing`, the others that are there to Archived, in the same
     * transaction. A version that is there already does not move. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * VERSION_NOT_READY (for Staging and Production), STAGE_MOVED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.SetStageResponse> setStage(
        dev.runlore.v1.SetStageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetStageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Adds measurements to a version after its registration. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * RUN_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.RecordEvaluationResponse> recordEvaluation(
        dev.runlore.v1.RecordEvaluationRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRecordEvaluationMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists a version's evaluations, the one recorded last first. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.ListEvaluationsResponse> listEvaluations(
        dev.runlore.v1.ListEvaluationsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListEvaluationsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Points an alias at a version, if the alias is where the caller believes and every condition holds; all decided in
     * the transaction that moves it. Errors: MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, VERSION_NOT_READY, ALIAS_MOVED,
     * CONDITION_NOT_MET.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.SetAliasResponse> setAlias(
        dev.runlore.v1.SetAliasRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetAliasMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Points an alias back at the version that held it before its present holder, by the model's history. Calling it
     * again goes further back; that the alias was deleted in between makes no difference. Errors: MODEL_NOT_FOUND,
     * ALIAS_NOT_FOUND, ALIAS_MOVED, NO_PREVIOUS_HOLDER, MODEL_VERSION_NOT_FOUND (that version is deleted).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.RollbackAliasResponse> rollbackAlias(
        dev.runlore.v1.RollbackAliasRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRollbackAliasMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes an alias. Errors: MODEL_NOT_FOUND, ALIAS_NOT_FOUND, ALIAS_MOVED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.DeleteAliasResponse> deleteAlias(
        dev.runlore.v1.DeleteAliasRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteAliasMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns all that a pod needs to boot on a reference, in one call, never older than a change acknowledged before
     * the call began. Errors: INVALID_FIELD, MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, ALIAS_NOT_FOUND, STAGE_EMPTY,
     * INVALID_POSITION, POSITION_OF_ANOTHER_LOG, MANIFEST_NOT_FOUND (files of a version that was deleted long ago).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.ResolveResponse> resolve(
        dev.runlore.v1.ResolveRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getResolveMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Resolves many references at once, as of one moment. Errors: as of Resolve, with `reference` in the metadata.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.BatchResolveResponse> batchResolve(
        dev.runlore.v1.BatchResolveRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBatchResolveMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_REGISTERED_MODEL = 0;
  private static final int METHODID_GET_REGISTERED_MODEL = 1;
  private static final int METHODID_SEARCH_REGISTERED_MODELS = 2;
  private static final int METHODID_UPDATE_REGISTERED_MODEL = 3;
  private static final int METHODID_SET_REGISTERED_MODEL_TAGS = 4;
  private static final int METHODID_DELETE_REGISTERED_MODEL = 5;
  private static final int METHODID_CREATE_MODEL_VERSION = 6;
  private static final int METHODID_GET_MODEL_VERSION = 7;
  private static final int METHODID_SEARCH_MODEL_VERSIONS = 8;
  private static final int METHODID_UPDATE_MODEL_VERSION = 9;
  private static final int METHODID_SET_MODEL_VERSION_TAGS = 10;
  private static final int METHODID_DELETE_MODEL_VERSION = 11;
  private static final int METHODID_SET_STAGE = 12;
  private static final int METHODID_RECORD_EVALUATION = 13;
  private static final int METHODID_LIST_EVALUATIONS = 14;
  private static final int METHODID_SET_ALIAS = 15;
  private static final int METHODID_ROLLBACK_ALIAS = 16;
  private static final int METHODID_DELETE_ALIAS = 17;
  private static final int METHODID_RESOLVE = 18;
  private static final int METHODID_BATCH_RESOLVE = 19;

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
        case METHODID_CREATE_REGISTERED_MODEL:
          serviceImpl.createRegisteredModel((dev.runlore.v1.CreateRegisteredModelRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.CreateRegisteredModelResponse>) responseObserver);
          break;
        case METHODID_GET_REGISTERED_MODEL:
          serviceImpl.getRegisteredModel((dev.runlore.v1.GetRegisteredModelRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.GetRegisteredModelResponse>) responseObserver);
          break;
        case METHODID_SEARCH_REGISTERED_MODELS:
          serviceImpl.searchRegisteredModels((dev.runlore.v1.SearchRegisteredModelsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.SearchRegisteredModelsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_REGISTERED_MODEL:
          serviceImpl.updateRegisteredModel((dev.runlore.v1.UpdateRegisteredModelRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateRegisteredModelResponse>) responseObserver);
          break;
        case METHODID_SET_REGISTERED_MODEL_TAGS:
          serviceImpl.setRegisteredModelTags((dev.runlore.v1.SetRegisteredModelTagsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.SetRegisteredModelTagsResponse>) responseObserver);
          break;
        case METHODID_DELETE_REGISTERED_MODEL:
          serviceImpl.deleteRegisteredModel((dev.runlore.v1.DeleteRegisteredModelRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteRegisteredModelResponse>) responseObserver);
          break;
        case METHODID_CREATE_MODEL_VERSION:
          serviceImpl.createModelVersion((dev.runlore.v1.CreateModelVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.CreateModelVersionResponse>) responseObserver);
          break;
        case METHODID_GET_MODEL_VERSION:
          serviceImpl.getModelVersion((dev.runlore.v1.GetModelVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.GetModelVersionResponse>) responseObserver);
          break;
        case METHODID_SEARCH_MODEL_VERSIONS:
          serviceImpl.searchModelVersions((dev.runlore.v1.SearchModelVersionsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.SearchModelVersionsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_MODEL_VERSION:
          serviceImpl.updateModelVersion((dev.runlore.v1.UpdateModelVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.UpdateModelVersionResponse>) responseObserver);
          break;
        case METHODID_SET_MODEL_VERSION_TAGS:
          serviceImpl.setModelVersionTags((dev.runlore.v1.SetModelVersionTagsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.SetModelVersionTagsResponse>) responseObserver);
          break;
        case METHODID_DELETE_MODEL_VERSION:
          serviceImpl.deleteModelVersion((dev.runlore.v1.DeleteModelVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteModelVersionResponse>) responseObserver);
          break;
        case METHODID_SET_STAGE:
          serviceImpl.setStage((dev.runlore.v1.SetStageRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.SetStageResponse>) responseObserver);
          break;
        case METHODID_RECORD_EVALUATION:
          serviceImpl.recordEvaluation((dev.runlore.v1.RecordEvaluationRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.RecordEvaluationResponse>) responseObserver);
          break;
        case METHODID_LIST_EVALUATIONS:
          serviceImpl.listEvaluations((dev.runlore.v1.ListEvaluationsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.ListEvaluationsResponse>) responseObserver);
          break;
        case METHODID_SET_ALIAS:
          serviceImpl.setAlias((dev.runlore.v1.SetAliasRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.SetAliasResponse>) responseObserver);
          break;
        case METHODID_ROLLBACK_ALIAS:
          serviceImpl.rollbackAlias((dev.runlore.v1.RollbackAliasRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.RollbackAliasResponse>) responseObserver);
          break;
        case METHODID_DELETE_ALIAS:
          serviceImpl.deleteAlias((dev.runlore.v1.DeleteAliasRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.DeleteAliasResponse>) responseObserver);
          break;
        case METHODID_RESOLVE:
          serviceImpl.resolve((dev.runlore.v1.ResolveRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.ResolveResponse>) responseObserver);
          break;
        case METHODID_BATCH_RESOLVE:
          serviceImpl.batchResolve((dev.runlore.v1.BatchResolveRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.BatchResolveResponse>) responseObserver);
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
          getCreateRegisteredModelMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.CreateRegisteredModelRequest,
              dev.runlore.v1.CreateRegisteredModelResponse>(
                service, METHODID_CREATE_REGISTERED_MODEL)))
        .addMethod(
          getGetRegisteredModelMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.GetRegisteredModelRequest,
              dev.runlore.v1.GetRegisteredModelResponse>(
                service, METHODID_GET_REGISTERED_MODEL)))
        .addMethod(
          getSearchRegisteredModelsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.SearchRegisteredModelsRequest,
              dev.runlore.v1.SearchRegisteredModelsResponse>(
                service, METHODID_SEARCH_REGISTERED_MODELS)))
        .addMethod(
          getUpdateRegisteredModelMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.UpdateRegisteredModelRequest,
              dev.runlore.v1.UpdateRegisteredModelResponse>(
                service, METHODID_UPDATE_REGISTERED_MODEL)))
        .addMethod(
          getSetRegisteredModelTagsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.SetRegisteredModelTagsRequest,
              dev.runlore.v1.SetRegisteredModelTagsResponse>(
                service, METHODID_SET_REGISTERED_MODEL_TAGS)))
        .addMethod(
          getDeleteRegisteredModelMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.DeleteRegisteredModelRequest,
              dev.runlore.v1.DeleteRegisteredModelResponse>(
                service, METHODID_DELETE_REGISTERED_MODEL)))
        .addMethod(
          getCreateModelVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.CreateModelVersionRequest,
              dev.runlore.v1.CreateModelVersionResponse>(
                service, METHODID_CREATE_MODEL_VERSION)))
        .addMethod(
          getGetModelVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.GetModelVersionRequest,
              dev.runlore.v1.GetModelVersionResponse>(
                service, METHODID_GET_MODEL_VERSION)))
        .addMethod(
          getSearchModelVersionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.SearchModelVersionsRequest,
              dev.runlore.v1.SearchModelVersionsResponse>(
                service, METHODID_SEARCH_MODEL_VERSIONS)))
        .addMethod(
          getUpdateModelVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.UpdateModelVersionRequest,
              dev.runlore.v1.UpdateModelVersionResponse>(
                service, METHODID_UPDATE_MODEL_VERSION)))
        .addMethod(
          getSetModelVersionTagsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.SetModelVersionTagsRequest,
              dev.runlore.v1.SetModelVersionTagsResponse>(
                service, METHODID_SET_MODEL_VERSION_TAGS)))
        .addMethod(
          getDeleteModelVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.DeleteModelVersionRequest,
              dev.runlore.v1.DeleteModelVersionResponse>(
                service, METHODID_DELETE_MODEL_VERSION)))
        .addMethod(
          getSetStageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.SetStageRequest,
              dev.runlore.v1.SetStageResponse>(
                service, METHODID_SET_STAGE)))
        .addMethod(
          getRecordEvaluationMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.RecordEvaluationRequest,
              dev.runlore.v1.RecordEvaluationResponse>(
                service, METHODID_RECORD_EVALUATION)))
        .addMethod(
          getListEvaluationsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.ListEvaluationsRequest,
              dev.runlore.v1.ListEvaluationsResponse>(
                service, METHODID_LIST_EVALUATIONS)))
        .addMethod(
          getSetAliasMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.SetAliasRequest,
              dev.runlore.v1.SetAliasResponse>(
                service, METHODID_SET_ALIAS)))
        .addMethod(
          getRollbackAliasMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.RollbackAliasRequest,
              dev.runlore.v1.RollbackAliasResponse>(
                service, METHODID_ROLLBACK_ALIAS)))
        .addMethod(
          getDeleteAliasMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.DeleteAliasRequest,
              dev.runlore.v1.DeleteAliasResponse>(
                service, METHODID_DELETE_ALIAS)))
        .addMethod(
          getResolveMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.ResolveRequest,
              dev.runlore.v1.ResolveResponse>(
                service, METHODID_RESOLVE)))
        .addMethod(
          getBatchResolveMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.BatchResolveRequest,
              dev.runlore.v1.BatchResolveResponse>(
                service, METHODID_BATCH_RESOLVE)))
        .build();
  }

  private static abstract class RegistryServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    RegistryServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.runlore.v1.RegistryProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("RegistryService");
    }
  }

  private static final class RegistryServiceFileDescriptorSupplier
      extends RegistryServiceBaseDescriptorSupplier {
    RegistryServiceFileDescriptorSupplier() {}
  }

  private static final class RegistryServiceMethodDescriptorSupplier
      extends RegistryServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    RegistryServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (RegistryServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new RegistryServiceFileDescriptorSupplier())
              .addMethod(getCreateRegisteredModelMethod())
              .addMethod(getGetRegisteredModelMethod())
              .addMethod(getSearchRegisteredModelsMethod())
              .addMethod(getUpdateRegisteredModelMethod())
              .addMethod(getSetRegisteredModelTagsMethod())
              .addMethod(getDeleteRegisteredModelMethod())
              .addMethod(getCreateModelVersionMethod())
              .addMethod(getGetModelVersionMethod())
              .addMethod(getSearchModelVersionsMethod())
              .addMethod(getUpdateModelVersionMethod())
              .addMethod(getSetModelVersionTagsMethod())
              .addMethod(getDeleteModelVersionMethod())
              .addMethod(getSetStageMethod())
              .addMethod(getRecordEvaluationMethod())
              .addMethod(getListEvaluationsMethod())
              .addMethod(getSetAliasMethod())
              .addMethod(getRollbackAliasMethod())
              .addMethod(getDeleteAliasMethod())
              .addMethod(getResolveMethod())
              .addMethod(getBatchResolveMethod())
              .build();
        }
      }
    }
    return result;
  }
}
