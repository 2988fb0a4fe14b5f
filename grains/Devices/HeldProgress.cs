using IotPlatform.Storage;
using Microsoft.Extensions.Options;

namespace IotPlatform.Devices;

/// <summary>
/// The way of messages' changes to the store. One that is not final is held back for a moment: mostly the next one, the acknowledgement, follows at once, and both
/// cost one write. Bounded by the messages that are under way; what is held is lost with the process, as a change is that the store had not written yet.
/// </summary>
internal sealed class HeldProgress : IDisposable
{
    private readonly Lock _gate = new();
    private readonly IMessageStore _store;
    private readonly TimeSpan _period;
    private readonly ITimer _timer;

    // What came in this period, and in the one before.
    private Dictionary<Key, Held> _young = [];
    private Dictionary<Key, Held> _old = [];
    private bool _isEnding;

    public HeldProgress(IMessageStore store, IOptions<DeviceMessageOptions> options, TimeProvider time)
    {
        _store = store;
        _period = options.Value.HoldProgressFor;

        // It carries nothing of the call that first asked for it.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static held => ((HeldProgress)held!).Advance(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Stores a change, soon where it is not final. Completes when it, or a later one of the message, is durable.</summary>
    public Task UpdateAsync(DeviceId device, string messageId, MessageProgress progress)
    {
        var key = new Key(device, messageId);
        Held? held;
        lock (_gate)
        {
            var isHeld = _young.Remove(key, out held) || _old.Remove(key, out held);
            if (!progress.IsFinal && _period > TimeSpan.Zero && !_isEnding)
            {
                held ??= new Held();
                held.Progress = progress;
                Hold(key, held, isHeld);
                return held.Stored.Task;
            }
        }

        if (held is null)
        {
            return _store.UpdateAsync(device, messageId, progress);
        }

        held.Progress = progress;
        _ = WriteAsync(key, held);
        return held.Stored.Task;
    }

    /// <summary>Writes what is held, and holds nothing any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isEnding = true;
        }

        _timer.Dispose();
        Advance();
        Advance();
    }

    private void Hold(Key key, Held held, bool isRunning)
    {
        if (!isRunning && _young.Count == 0 && _old.Count == 0)
        {
            _timer.Change(_period, Timeout.InfiniteTimeSpan);
        }

        _young.Add(key, held);
    }

    private void Advance()
    {
        Dictionary<Key, Held> due;
        lock (_gate)
        {
            due = _old;
            _old = _young;
            _young = [];
            if (_old.Count > 0)
            {
                _timer.Change(_period, Timeout.InfiniteTimeSpan);
            }
        }

        foreach (var (key, held) in due)
        {
            _ = WriteAsync(key, held);
        }
    }

    private async Task WriteAsync(Key key, Held held)
    {
        try
        {
            await _store.UpdateAsync(key.Device, key.MessageId, held.Progress).ConfigureAwait(false);
            held.Stored.SetResult();
        }
        catch (Exception exception)
        {
            held.Stored.SetException(exception);
        }
    }

    private readonly record struct Key(DeviceId Device, string MessageId);

    private sealed class Held
    {
        public MessageProgress Progress { get; set; } = MessageProgress.Accepted;

        public TaskCompletionSource Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
