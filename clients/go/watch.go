package runlore

import (
	"context"
	"io"
	"iter"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

// Watch yields what happens from now on, or after request.AfterPosition, each event once and in the log's order. It
// outlives connections and servers: whenever a stream ends, it goes on after the last position at the next server. The
// first server has to answer within the client's timeout, later ones are waited for until the context ends.
//
// It ends with the context, whose error it yields, or with an error that no later try can cure, such as
// POSITION_OF_ANOTHER_LOG after a restore. To go on in another process, keep each event's position when it is dealt with,
// or use [Client.WatchResponses], which has positions while nothing happens, too.
func (c *Client) Watch(ctx context.Context, request *runlorev1.WatchRequest) iter.Seq2[*runlorev1.Event, error] {
	return func(yield func(*runlorev1.Event, error) bool) {
		for response, err := range c.WatchResponses(ctx, request) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, event := range response.GetEvents() {
				if !yield(event, nil) {
					return
				}
			}
		}
	}
}

// WatchResponses is [Client.Watch] with the messages of the stream: events that happened, and the position up to which
// every one of them was sent. The first comes at once; while nothing happens, one without events comes every
// request.CheckpointInterval.
func (c *Client) WatchResponses(
	ctx context.Context, request *runlorev1.WatchRequest,
) iter.Seq2[*runlorev1.WatchResponse, error] {
	return func(yield func(*runlorev1.WatchResponse, error) bool) {
		wanted := proto.CloneOf(request)
		tries := patience{limit: c.settings.timeout}
		if err := c.pin(ctx, wanted); err != nil {
			yield(nil, err)
			return
		}
		var wait []grpc.CallOption
		for {
			more, err := c.watchOnce(ctx, wanted, wait, func(response *runlorev1.WatchResponse) bool {
				wanted.AfterPosition = response.GetPosition()
				tries = patience{}
				wait = []grpc.CallOption{grpc.WaitForReady(true)}
				return yield(response, nil)
			})
			if !more {
				return
			}
			if err := tries.after(ctx, err); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// watchOnce follows one stream to its end, and returns whether more is wanted.
func (c *Client) watchOnce(
	ctx context.Context, request *runlorev1.WatchRequest, options []grpc.CallOption,
	yield func(*runlorev1.WatchResponse) bool,
) (bool, error) {
	// A reader that stops half-way must not leave the server sending.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.Events.Watch(ctx, request, options...)
	if err != nil {
		return true, err
	}
	for {
		response, err := stream.Recv()
		if err == io.EOF {
			return true, errEnded
		}
		if err != nil {
			return true, err
		}
		if !yield(response) {
			return false, nil
		}
	}
}

// pin lets a watch of a model by name be about its id: taken up anew, it must not go on with another of that name.
func (c *Client) pin(ctx context.Context, request *runlorev1.WatchRequest) error {
	name, ok := request.GetResource().(*runlorev1.WatchRequest_ModelName)
	if !ok {
		return nil
	}
	found, err := c.Registry.GetRegisteredModel(ctx, &runlorev1.GetRegisteredModelRequest{
		Workspace: request.GetWorkspace(), Name: name.ModelName,
	})
	if err != nil {
		return err
	}
	request.Resource = &runlorev1.WatchRequest_ResourceId{ResourceId: found.GetRegisteredModel().GetModelId()}
	return nil
}
