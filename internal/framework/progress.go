package framework

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
)

// ProgressSender returns a function that sends messages to Terraform, none twice in a row. A send waits until Terraform takes the
// message, which it never does once it has abandoned the action: then the end of ctx ends the send, so that the cluster's lock is
// released.
func ProgressSender(ctx context.Context, send func(action.InvokeProgressEvent)) func(string) {
	last := ""
	return func(message string) {
		if message == last {
			return
		}
		last = message
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			send(action.InvokeProgressEvent{Message: message})
		}()
		select {
		case <-sent:
		case <-ctx.Done():
		}
	}
}
