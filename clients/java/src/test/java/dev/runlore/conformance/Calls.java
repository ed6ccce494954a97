package dev.runlore.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.Message;
import dev.runlore.Runlore;
import dev.runlore.RunloreException;
import dev.runlore.v1.ArtifactServiceGrpc;
import dev.runlore.v1.EventServiceGrpc;
import dev.runlore.v1.LoggedModelServiceGrpc;
import dev.runlore.v1.RegistryServiceGrpc;
import dev.runlore.v1.ServerServiceGrpc;
import dev.runlore.v1.TrackingServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Any RPC of the contract, by its name, over the client's channel. */
final class Calls {
  private static final double DEADLINE_SECONDS = 60;
  private static final Map<String, MethodDescriptor<Message, Message>> METHODS = methods();

  private final Runlore client;

  Calls(Runlore client) {
    this.client = client;
  }

  JsonObject make(JsonObject operation) throws IOException {
    MethodDescriptor<Message, Message> method = METHODS.get(Driver.text(operation, "method"));
    if (method == null) {
      return Driver.unsupported("the contract has no RPC " + Driver.text(operation, "method"));
    }
    List<Message> requests = new ArrayList<>();
    for (JsonElement request : operation.getAsJsonArray("requests")) {
      Message.Builder builder = prototype(method).newBuilderForType();
      Driver.parse(request, builder);
      requests.add(builder.build());
    }
    Metadata headers = new Metadata();
    if (operation.has("metadata")) {
      operation
          .getAsJsonObject("metadata")
          .entrySet()
          .forEach(
              entry ->
                  headers.put(
                      Metadata.Key.of(entry.getKey(), Metadata.ASCII_STRING_MARSHALLER), entry.getValue().getAsString()));
    }
    double deadline =
        operation.has("deadline_seconds") ? operation.get("deadline_seconds").getAsDouble() : DEADLINE_SECONDS;
    int take = operation.has("take") ? operation.get("take").getAsInt() : Integer.MAX_VALUE;
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter((long) (deadline * 1e9), TimeUnit.NANOSECONDS);
    ClientCall<Message, Message> call = client.channel().newCall(method, options);
    Answers answers = new Answers(call, take);
    call.start(answers, headers);
    call.request(1);
    try {
      requests.forEach(call::sendMessage);
      call.halfClose();
    } catch (IllegalStateException over) {
      // It ended before all was sent: the answer says why.
    }
    if (operation.has("cancel_after")) {
      long nanos = (long) (operation.get("cancel_after").getAsDouble() * 1e9);
      CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS)
          .execute(() -> call.cancel("cancelled by the caller", null));
    }
    try {
      List<Message> received = answers.done.join();
      JsonArray stream = new JsonArray();
      received.forEach(message -> stream.add(Driver.json(message)));
      return method.getType().serverSendsOneMessage()
          ? Driver.wrap("response", stream.get(0))
          : Driver.wrap("stream", stream);
    } catch (java.util.concurrent.CompletionException failed) {
      return Driver.error(RunloreException.from(failed.getCause()));
    }
  }

  /** Gathers what comes back. */
  private static final class Answers extends ClientCall.Listener<Message> {
    final CompletableFuture<List<Message>> done = new CompletableFuture<>();
    private final ClientCall<Message, Message> call;
    private final int take;
    private final List<Message> received = new ArrayList<>();

    Answers(ClientCall<Message, Message> call, int take) {
      this.call = call;
      this.take = take;
    }

    @Override
    public void onMessage(Message message) {
      received.add(message);
      if (received.size() == take) {
        done.complete(received);
        call.cancel("enough", null);
      } else {
        call.request(1);
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (status.isOk()) {
        done.complete(received);
      } else {
        done.completeExceptionally(status.asRuntimeException(trailers));
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static Message prototype(MethodDescriptor<Message, Message> method) {
    return ((MethodDescriptor.PrototypeMarshaller<Message>) method.getRequestMarshaller()).getMessagePrototype();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, MethodDescriptor<Message, Message>> methods() {
    Map<String, MethodDescriptor<Message, Message>> found = new HashMap<>();
    Stream.of(
            ArtifactServiceGrpc.getServiceDescriptor(),
            EventServiceGrpc.getServiceDescriptor(),
            LoggedModelServiceGrpc.getServiceDescriptor(),
            RegistryServiceGrpc.getServiceDescriptor(),
            ServerServiceGrpc.getServiceDescriptor(),
            TrackingServiceGrpc.getServiceDescriptor())
        .map(ServiceDescriptor::getMethods)
        .flatMap(java.util.Collection::stream)
        .forEach(method -> found.put(method.getFullMethodName(), (MethodDescriptor<Message, Message>) method));
    return found;
  }
}
