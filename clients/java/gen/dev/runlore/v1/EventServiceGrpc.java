package dev.runlore.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Reads the event log.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class EventServiceGrpc {

  private EventServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "runlore.v1.EventService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.ListEventsRequest,
      dev.runlore.v1.ListEventsResponse> getListEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListEvents",
      requestType = dev.runlore.v1.ListEventsRequest.class,
      responseType = dev.runlore.v1.ListEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.ListEventsRequest,
      dev.runlore.v1.ListEventsResponse> getListEventsMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.ListEventsRequest, dev.runlore.v1.ListEventsResponse> getListEventsMethod;
    if ((getListEventsMethod = EventServiceGrpc.getListEventsMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getListEventsMethod = EventServiceGrpc.getListEventsMethod) == null) {
          EventServiceGrpc.getListEventsMethod = getListEventsMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.ListEventsRequest, dev.runlore.v1.ListEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListEvents"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.ListEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.ListEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("ListEvents"))
              .build();
        }
      }
    }
    return getListEventsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.WatchRequest,
      dev.runlore.v1.WatchResponse> getWatchMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Watch",
      requestType = dev.runlore.v1.WatchRequest.class,
      responseType = dev.runlore.v1.WatchResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.WatchRequest,
      dev.runlore.v1.WatchResponse> getWatchMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.WatchRequest, dev.runlore.v1.WatchResponse> getWatchMethod;
    if ((getWatchMethod = EventServiceGrpc.getWatchMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getWatchMethod = EventServiceGrpc.getWatchMethod) == null) {
          EventServiceGrpc.getWatchMethod = getWatchMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.WatchRequest, dev.runlore.v1.WatchResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Watch"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.WatchRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.WatchResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("Watch"))
              .build();
        }
      }
    }
    return getWatchMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.runlore.v1.VerifyRequest,
      dev.runlore.v1.VerifyResponse> getVerifyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Verify",
      requestType = dev.runlore.v1.VerifyRequest.class,
      responseType = dev.runlore.v1.VerifyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.runlore.v1.VerifyRequest,
      dev.runlore.v1.VerifyResponse> getVerifyMethod() {
    io.grpc.MethodDescriptor<dev.runlore.v1.VerifyRequest, dev.runlore.v1.VerifyResponse> getVerifyMethod;
    if ((getVerifyMethod = EventServiceGrpc.getVerifyMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getVerifyMethod = EventServiceGrpc.getVerifyMethod) == null) {
          EventServiceGrpc.getVerifyMethod = getVerifyMethod =
              io.grpc.MethodDescriptor.<dev.runlore.v1.VerifyRequest, dev.runlore.v1.VerifyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Verify"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.VerifyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.runlore.v1.VerifyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("Verify"))
              .build();
        }
      }
    }
    return getVerifyMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static EventServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventServiceStub>() {
        @java.lang.Override
        public EventServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventServiceStub(channel, callOptions);
        }
      };
    return EventServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static EventServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventServiceBlockingV2Stub>() {
        @java.lang.Override
        public EventServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return EventServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static EventServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventServiceBlockingStub>() {
        @java.lang.Override
        public EventServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventServiceBlockingStub(channel, callOptions);
        }
      };
    return EventServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static EventServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventServiceFutureStub>() {
        @java.lang.Override
        public EventServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventServiceFutureStub(channel, callOptions);
        }
      };
    return EventServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Reads the event log.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists events in the log's order, a page at a time, every change acknowledged before the call included. A page of
     * large events may be shorter than asked for. Errors: INVALID_FIELD, INVALID_PAGE_TOKEN, INVALID_POSITION,
     * POSITION_OF_ANOTHER_LOG, POSITION_EXPIRED, MODEL_NOT_FOUND.
     * </pre>
     */
    default void listEvents(dev.runlore.v1.ListEventsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.ListEventsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListEventsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams events as they are committed, from a position on, none missed and each record's in the order of their
     * revisions, whichever server is asked. A reader that stops reading is waited for, not buffered for. The stream ends
     * with SERVER_STOPPING when its server does; go on at any other from the last position received. Errors:
     * INVALID_FIELD, INVALID_POSITION, POSITION_OF_ANOTHER_LOG, POSITION_EXPIRED, MODEL_NOT_FOUND, SERVER_STOPPING.
     * </pre>
     */
    default void watch(dev.runlore.v1.WatchRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.WatchResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchMethod(), responseObserver);
    }

    /**
     * <pre>
     * Checks a registered model's hash chain, from its first event to the head that the model records: at once, or so many
     * events a call. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    default void verify(dev.runlore.v1.VerifyRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.VerifyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getVerifyMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service EventService.
   * <pre>
   * Reads the event log.
   * </pre>
   */
  public static abstract class EventServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return EventServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service EventService.
   * <pre>
   * Reads the event log.
   * </pre>
   */
  public static final class EventServiceStub
      extends io.grpc.stub.AbstractAsyncStub<EventServiceStub> {
    private EventServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists events in the log's order, a page at a time, every change acknowledged before the call included. A page of
     * large events may be shorter than asked for. Errors: INVALID_FIELD, INVALID_PAGE_TOKEN, INVALID_POSITION,
     * POSITION_OF_ANOTHER_LOG, POSITION_EXPIRED, MODEL_NOT_FOUND.
     * </pre>
     */
    public void listEvents(dev.runlore.v1.ListEventsRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.ListEventsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListEventsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams events as they are committed, from a position on, none missed and each record's in the order of their
     * revisions, whichever server is asked. A reader that stops reading is waited for, not buffered for. The stream ends
     * with SERVER_STOPPING when its server does; go on at any other from the last position received. Errors:
     * INVALID_FIELD, INVALID_POSITION, POSITION_OF_ANOTHER_LOG, POSITION_EXPIRED, MODEL_NOT_FOUND, SERVER_STOPPING.
     * </pre>
     */
    public void watch(dev.runlore.v1.WatchRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.WatchResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Checks a registered model's hash chain, from its first event to the head that the model records: at once, or so many
     * events a call. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    public void verify(dev.runlore.v1.VerifyRequest request,
        io.grpc.stub.StreamObserver<dev.runlore.v1.VerifyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getVerifyMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service EventService.
   * <pre>
   * Reads the event log.
   * </pre>
   */
  public static final class EventServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<EventServiceBlockingV2Stub> {
    private EventServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists events in the log's order, a page at a time, every change acknowledged before the call included. A page of
     * large events may be shorter than asked for. Errors: INVALID_FIELD, INVALID_PAGE_TOKEN, INVALID_POSITION,
     * POSITION_OF_ANOTHER_LOG, POSITION_EXPIRED, MODEL_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.ListEventsResponse listEvents(dev.runlore.v1.ListEventsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams events as they are committed, from a position on, none missed and each record's in the order of their
     * revisions, whichever server is asked. A reader that stops reading is waited for, not buffered for. The stream ends
     * with SERVER_STOPPING when its server does; go on at any other from the last position received. Errors:
     * INVALID_FIELD, INVALID_POSITION, POSITION_OF_ANOTHER_LOG, POSITION_EXPIRED, MODEL_NOT_FOUND, SERVER_STOPPING.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.runlore.v1.WatchResponse>
        watch(dev.runlore.v1.WatchRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Checks a registered model's hash chain, from its first event to the head that the model records: at once, or so many
     * events a call. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.VerifyResponse verify(dev.runlore.v1.VerifyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getVerifyMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service EventService.
   * <pre>
   * Reads the event log.
   * </pre>
   */
  public static final class EventServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<EventServiceBlockingStub> {
    private EventServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists events in the log's order, a page at a time, every change acknowledged before the call included. A page of
     * large events may be shorter than asked for. Errors: INVALID_FIELD, INVALID_PAGE_TOKEN, INVALID_POSITION,
     * POSITION_OF_ANOTHER_LOG, POSITION_EXPIRED, MODEL_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.ListEventsResponse listEvents(dev.runlore.v1.ListEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams events as they are committed, from a position on, none missed and each record's in the order of their
     * revisions, whichever server is asked. A reader that stops reading is waited for, not buffered for. The stream ends
     * with SERVER_STOPPING when its server does; go on at any other from the last position received. Errors:
     * INVALID_FIELD, INVALID_POSITION, POSITION_OF_ANOTHER_LOG, POSITION_EXPIRED, MODEL_NOT_FOUND, SERVER_STOPPING.
     * </pre>
     */
    public java.util.Iterator<dev.runlore.v1.WatchResponse> watch(
        dev.runlore.v1.WatchRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Checks a registered model's hash chain, from its first event to the head that the model records: at once, or so many
     * events a call. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    public dev.runlore.v1.VerifyResponse verify(dev.runlore.v1.VerifyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getVerifyMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service EventService.
   * <pre>
   * Reads the event log.
   * </pre>
   */
  public static final class EventServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<EventServiceFutureStub> {
    private EventServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists events in the log's order, a page at a time, every change acknowledged before the call included. A page of
     * large events may be shorter than asked for. Errors: INVALID_FIELD, INVALID_PAGE_TOKEN, INVALID_POSITION,
     * POSITION_OF_ANOTHER_LOG, POSITION_EXPIRED, MODEL_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.ListEventsResponse> listEvents(
        dev.runlore.v1.ListEventsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListEventsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Checks a registered model's hash chain, from its first event to the head that the model records: at once, or so many
     * events a call. Errors: MODEL_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.runlore.v1.VerifyResponse> verify(
        dev.runlore.v1.VerifyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getVerifyMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_EVENTS = 0;
  private static final int METHODID_WATCH = 1;
  private static final int METHODID_VERIFY = 2;

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
        case METHODID_LIST_EVENTS:
          serviceImpl.listEvents((dev.runlore.v1.ListEventsRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.ListEventsResponse>) responseObserver);
          break;
        case METHODID_WATCH:
          serviceImpl.watch((dev.runlore.v1.WatchRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.WatchResponse>) responseObserver);
          break;
        case METHODID_VERIFY:
          serviceImpl.verify((dev.runlore.v1.VerifyRequest) request,
              (io.grpc.stub.StreamObserver<dev.runlore.v1.VerifyResponse>) responseObserver);
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
          getListEventsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.ListEventsRequest,
              dev.runlore.v1.ListEventsResponse>(
                service, METHODID_LIST_EVENTS)))
        .addMethod(
          getWatchMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.runlore.v1.WatchRequest,
              dev.runlore.v1.WatchResponse>(
                service, METHODID_WATCH)))
        .addMethod(
          getVerifyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.runlore.v1.VerifyRequest,
              dev.runlore.v1.VerifyResponse>(
                service, METHODID_VERIFY)))
        .build();
  }

  private static abstract class EventServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    EventServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.runlore.v1.EventProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("EventService");
    }
  }

  private static final class EventServiceFileDescriptorSupplier
      extends EventServiceBaseDescriptorSupplier {
    EventServiceFileDescriptorSupplier() {}
  }

  private static final class EventServiceMethodDescriptorSupplier
      extends EventServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    EventServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (EventServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new EventServiceFileDescriptorSupplier())
              .addMethod(getListEventsMethod())
              .addMethod(getWatchMethod())
              .addMethod(getVerifyMethod())
              .build();
        }
      }
    }
    return result;
  }
}
