"""The training of the package's own networks of hands, which resumes."""

import queue
import threading
import time

import keras
import tensorflow as tf

RATE, WARM_UP, DECAY = 2e-3, 300, 0.998
EVERY = 500


def train_averaged(model, draw, read, losses, weights, n_steps, n_images, folder):
    """Train a model from the last checkpoint on, and give it its averaged weights.

    `draw` returns, for the steps done, a function that draws batches of so many;
    `read` converts a batch to inputs, and `losses` compares outputs with it.
    """
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, n_steps, alpha=0.01, warmup_target=RATE, warmup_steps=WARM_UP
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=1e-4)
    optimizer.build(model.trainable_variables)
    average = [
        tf.Variable(value, trainable=False) for value in model.trainable_variables
    ]
    done = tf.Variable(0)
    kept = tf.train.Checkpoint(
        model=model, optimizer=optimizer, average=average, done=done
    )
    checkpoints = tf.train.CheckpointManager(kept, str(folder), 1)
    kept.restore(checkpoints.latest_checkpoint)
    if int(done):
        print(f"resumed after {int(done):,} steps")

    @tf.function(reduce_retracing=True)
    def step(batch, decay):
        with tf.GradientTape() as tape:
            errors = losses(model(read(batch), training=True), batch)
            loss = tf.reduce_sum(weights * errors)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(
            zip(gradients, model.trainable_variables, strict=True)
        )
        for kept, now in zip(average, model.trainable_variables, strict=True):
            kept.assign(decay * kept + (1 - decay) * now)
        return errors

    batches = _feed(draw(int(done)), n_images)
    began, sums = time.perf_counter(), 0
    for i in range(int(done), n_steps):
        sums += step(next(batches), tf.constant(min(DECAY, (1 + i) / (10 + i)))).numpy()
        if (i + 1) % EVERY == 0:
            rate = EVERY * n_images / (time.perf_counter() - began)
            errors = "  ".join(f"{error:.4f}" for error in sums / EVERY)
            print(f"{i + 1:6,}  {errors}  {rate:.0f} images/s", flush=True)
            began, sums = time.perf_counter(), 0
            done.assign(i + 1)
            checkpoints.save()
    for kept, now in zip(average, model.trainable_variables, strict=True):
        now.assign(kept)
    for _ in range(WARM_UP):  # moments for the averaged weights
        model(read(next(batches)), training=True)


def scaled(images):
    """Standardize a batch, as `standardize` does."""
    mean, variance = tf.nn.moments(images, [1, 2, 3], keepdims=True)
    return (images - mean) / (tf.sqrt(variance) + 0.05)


def _feed(draw, n):
    """Yield batches that a thread draws."""
    waiting = queue.Queue(4)

    def fill():
        while True:
            waiting.put({name: tf.constant(a) for name, a in draw(n).items()})

    threading.Thread(target=fill, daemon=True).start()
    while True:
        yield waiting.get()
