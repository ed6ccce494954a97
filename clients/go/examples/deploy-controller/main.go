// Command deploy-controller follows an alias of a model and runs a rollout command on every move of it.
//
//	deploy-controller --state FILE models:/ctr@champion ./rollout.sh
//
// The command has the move in its environment: RUNLORE_EVENT_MODEL, _ALIAS, _VERSION (empty when the alias was deleted),
// _PREVIOUS_VERSION, _ACTOR, _REASON and _POSITION. Moves are rolled out one after the other, in order. The controller
// outlives restarts of the server, and goes on where it left off after its own, by the position in the state file: a
// command may see a move twice, when the controller ends right after it, and misses none. A command that fails ends the
// controller with exit code 1, and gets the same move when it is started again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	runlore "github.com/runlore/runlore/clients/go"
	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

func main() {
	log.SetFlags(0)
	state := flag.String("state", "", "file that keeps how far the controller came; needed")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: deploy-controller --state FILE models:/NAME@ALIAS COMMAND [ARGUMENT...]")
		flag.PrintDefaults()
	}
	flag.Parse()
	name, alias, ok := strings.Cut(strings.TrimPrefix(flag.Arg(0), "models:/"), "@")
	if flag.NArg() < 2 || !ok || *state == "" {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := &controller{state: *state, command: flag.Args()[1:]}
	if err := c.follow(ctx, name, alias); err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal("error: ", err)
	}
}

type controller struct {
	state   string
	command []string
	kept    string // the position in the state file
	// begun is the model's revision that the first answer had: events up to it are rolled out.
	begun int64
}

// follow rolls out every move of the alias until the context ends. Where it never ran before, it begins with the version
// that holds the alias now. The options are those of Dial.
func (c *controller) follow(ctx context.Context, name, alias string, options ...runlore.Option) error {
	client, err := runlore.Dial("", options...) // RUNLORE_ADDRESS
	if err != nil {
		return err
	}
	defer client.Close()
	if err := c.load(); err != nil {
		return err
	}
	if c.kept == "" {
		if err := c.begin(ctx, client, name, alias); err != nil {
			return err
		}
	}
	request := &runlorev1.WatchRequest{
		Resource:      &runlorev1.WatchRequest_ModelName{ModelName: name},
		Alias:         alias,
		AfterPosition: c.kept,
	}
	for response, err := range client.WatchResponses(ctx, request) {
		if err != nil {
			return err
		}
		for _, event := range response.GetEvents() {
			// An event that the first answer reflects may come after its position.
			if event.GetRevision() > c.begun {
				if err := c.rollOut(ctx, moveOf(alias, event)); err != nil {
					return err
				}
			}
			if err := c.keep(event.GetPosition()); err != nil {
				return err
			}
		}
		// A position without an event, too: the log may forget what is long past.
		if err := c.keep(response.GetPosition()); err != nil {
			return err
		}
	}
	return nil
}

func moveOf(alias string, event *runlorev1.Event) map[string]string {
	after, before := event.GetAfter().GetAlias(), event.GetBefore().GetAlias()
	return map[string]string{
		"MODEL": event.GetResource().GetName(), "ALIAS": alias,
		"VERSION": number(after.GetVersion()), "PREVIOUS_VERSION": number(before.GetVersion()),
		"ACTOR": event.GetActor().GetId(), "REASON": event.GetReason(), "POSITION": event.GetPosition(),
	}
}

// begin rolls out what the alias means now.
func (c *controller) begin(ctx context.Context, client *runlore.Client, name, alias string) error {
	request := &runlorev1.ResolveRequest{Reference: "models:/" + name + "@" + alias}
	// Beginning with an old answer would deploy what may have been rolled back since.
	answer, err := client.Resolve(ctx, request, runlore.NoFallback())
	if runlore.HasReason(err, runlorev1.ErrorReason_ERROR_REASON_ALIAS_NOT_FOUND) {
		return nil
	}
	if err != nil {
		return err
	}
	err = c.rollOut(ctx, map[string]string{
		"MODEL": name, "ALIAS": alias, "VERSION": number(answer.GetModelVersion().GetVersion()), "PREVIOUS_VERSION": "",
		"ACTOR": answer.GetAlias().GetSetBy().GetId(), "REASON": answer.GetAlias().GetReason(),
		"POSITION": answer.GetPosition(),
	})
	if err != nil {
		return err
	}
	c.begun = answer.GetHead().GetRevision()
	return c.keep(answer.GetPosition())
}

func (c *controller) rollOut(ctx context.Context, move map[string]string) error {
	log.Printf("rolling out version %s of %s (%s)", move["VERSION"], move["MODEL"], move["REASON"])
	// A rollout that has begun is not cut short by the controller's end.
	command := exec.CommandContext(context.WithoutCancel(ctx), c.command[0], c.command[1:]...)
	command.Stdout, command.Stderr, command.Env = os.Stdout, os.Stderr, os.Environ()
	for name, value := range move {
		command.Env = append(command.Env, "RUNLORE_EVENT_"+name+"="+value)
	}
	if err := command.Run(); err != nil {
		return fmt.Errorf("the rollout of version %s failed: %w", move["VERSION"], err)
	}
	return nil
}

func number(version int64) string {
	if version == 0 {
		return ""
	}
	return strconv.FormatInt(version, 10)
}

func (c *controller) load() error {
	data, err := os.ReadFile(c.state)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	c.kept = strings.TrimSpace(string(data))
	return err
}

// keep replaces the position in one step, so that a crash leaves this one or the one before.
func (c *controller) keep(position string) error {
	if position == c.kept {
		return nil
	}
	file, err := os.CreateTemp(filepath.Dir(c.state), ".state-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if _, err := file.WriteString(position + "\n"); err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), c.state); err != nil {
		return err
	}
	c.kept = position
	return nil
}
