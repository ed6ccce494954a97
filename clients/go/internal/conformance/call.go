package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	runlore "github.com/runlore/runlore/clients/go"
)

// call makes any call of the contract, found by name among the generated code's descriptors.
func call(client *runlore.Client, op *operation) (outcome, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if op.Deadline > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, time.Duration(op.Deadline*float64(time.Second)))
		defer stop()
	}
	if op.CancelAfter > 0 {
		defer time.AfterFunc(time.Duration(op.CancelAfter*float64(time.Second)), cancel).Stop()
	}
	for name, value := range op.Metadata {
		ctx = metadata.AppendToOutgoingContext(ctx, name, value)
	}
	method, err := find(op.Method)
	if err != nil {
		return nil, err
	}
	var requests []proto.Message
	for _, text := range op.Requests {
		request := blank(method.Input())
		if err := protojson.Unmarshal(text, request); err != nil {
			return nil, err
		}
		requests = append(requests, request)
	}
	if !method.IsStreamingClient() && !method.IsStreamingServer() {
		response := blank(method.Output())
		if err := client.Conn().Invoke(ctx, "/"+op.Method, requests[0], response); err != nil {
			return nil, err
		}
		text, err := toJSON(response)
		return outcome{"response": text}, err
	}
	return stream(ctx, client, op, method, requests)
}

func stream(
	ctx context.Context, client *runlore.Client, op *operation, method protoreflect.MethodDescriptor,
	requests []proto.Message,
) (outcome, error) {
	desc := &grpc.StreamDesc{ServerStreams: method.IsStreamingServer(), ClientStreams: method.IsStreamingClient()}
	call, err := client.Conn().NewStream(ctx, desc, "/"+op.Method)
	if err != nil {
		return nil, err
	}
	for _, request := range requests {
		// io.EOF: the stream is over, and receiving says why.
		if err := call.SendMsg(request); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
	}
	if err := call.CloseSend(); err != nil {
		return nil, err
	}
	texts := []json.RawMessage{}
	for op.Take == nil || len(texts) < *op.Take {
		response := blank(method.Output())
		err := call.RecvMsg(response)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		text, err := toJSON(response)
		if err != nil {
			return nil, err
		}
		if !method.IsStreamingServer() {
			return outcome{"response": text}, nil
		}
		texts = append(texts, text)
	}
	return outcome{"stream": texts}, nil
}

func find(name string) (protoreflect.MethodDescriptor, error) {
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(
		protoreflect.FullName(strings.Replace(name, "/", ".", 1)))
	if method, ok := found.(protoreflect.MethodDescriptor); ok {
		return method, nil
	}
	return nil, fmt.Errorf("the contract has no RPC %s (%v)", name, err)
}

func blank(message protoreflect.MessageDescriptor) proto.Message {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(message.FullName())
	if err != nil {
		panic(err) // the generated code has every message that its methods name
	}
	return kind.New().Interface()
}

// failure makes the suite's error of the client's typed error.
func failure(err error) outcome {
	var e *runlore.Error
	if !errors.As(err, &e) {
		return outcome{"message": err.Error()}
	}
	found := outcome{"code": upperSnake(e.Code.String()), "message": e.Message}
	if e.Reason != "" {
		found["reason"], found["domain"], found["metadata"] = e.Reason, runlore.Domain, e.Metadata
	}
	var violations, preconditions []outcome
	for _, v := range e.Violations {
		violations = append(violations, outcome{"field": v.GetField(), "description": v.GetDescription()})
	}
	for _, v := range e.Preconditions {
		preconditions = append(preconditions, outcome{"subject": v.GetSubject(), "description": v.GetDescription()})
	}
	if violations != nil {
		found["violations"] = violations
	}
	if preconditions != nil {
		found["preconditions"] = preconditions
	}
	if e.RetryAfter > 0 {
		found["retry_seconds"] = e.RetryAfter.Seconds()
	}
	return found
}

// upperSnake turns NotFound into NOT_FOUND. Canceled is spelled CANCELLED by the protocol.
func upperSnake(name string) string {
	if name == "Canceled" {
		return "CANCELLED"
	}
	var text strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) && name != "OK" {
			text.WriteByte('_')
		}
		text.WriteRune(unicode.ToUpper(r))
	}
	return text.String()
}

// point reads [key, step, time_unix_us, value], in which every number may be a string.
func point(columns []any) (runlore.Point, error) {
	if len(columns) != 4 {
		return runlore.Point{}, errors.New("a point is [key, step, time_unix_us, value]")
	}
	key, _ := columns[0].(string)
	step, err := strconv.ParseInt(fmt.Sprint(columns[1]), 10, 64)
	if err != nil {
		return runlore.Point{}, err
	}
	when, err := strconv.ParseInt(fmt.Sprint(columns[2]), 10, 64)
	if err != nil {
		return runlore.Point{}, err
	}
	value, err := strconv.ParseFloat(fmt.Sprint(columns[3]), 64)
	if err != nil {
		return runlore.Point{}, err
	}
	return runlore.Point{Key: key, Step: step, Time: time.UnixMicro(when), Value: value}, nil
}
