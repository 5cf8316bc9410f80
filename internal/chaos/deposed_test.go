package chaos

import "context"

// depose notes an object that another one has replaced and that is still to be destroyed; nil is none.
func (tf *terraform) depose(i int, o *object) {
	tf.mu.Lock()
	defer tf.mu.Unlock()
	tf.deposed[i] = o
}

func (tf *terraform) refreshDeposed(ctx context.Context, p *process, i int) error {
	tf.mu.Lock()
	old := tf.deposed[i]
	tf.mu.Unlock()
	if old == nil {
		return nil
	}
	read, err := p.refresh(ctx, old)
	tf.depose(i, read)
	return err
}

// destroyDeposed destroys what an earlier replacement has left.
func (tf *terraform) destroyDeposed(ctx context.Context, p *process, i int) error {
	tf.mu.Lock()
	old := tf.deposed[i]
	tf.mu.Unlock()
	if old == nil {
		return nil
	}
	c, err := p.plan(ctx, old, nil, false)
	if err != nil {
		return err
	}
	kept, _, err := p.apply(ctx, old, c, tf.isStopped)
	tf.depose(i, kept)
	return err
}
