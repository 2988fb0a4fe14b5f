using IotPlatform.Storage;
using Microsoft.Extensions.Options;

namespace IotPlatform.Devices;

/// <summary>
/// The way of messages' changes to the store. One that is not final is held back for a moment: mostly the next one, the acknowledgement, follows at once, and both
/// cost one write. While the store is behind, it is held on: written by itself it would be in the way of the acknowledgements, which make what follows it come later still.
/// What is held is lost with the process, as a change is that the store had not written yet. Full action: the change is written at once.
/// </summary>
internal sealed class HeldProgress : IDisposable
{
    /// <summary>Changes held at once.</summary>
    public const int LengthMax = 65_536;

    /// <summary>Times in a row that everything is held on for another period. Then what has waited longest is written in any case: who lists messages waits for it.</summary>
    private const int HeldOnMax = 20;

    private readonly Lock _gate = new();
    private readonly IMessageStore _store;
    private readonly TimeSpan _period;
    private readonly ITimer _timer;

    // What came in this period, and in the one before.
    private Dictionary<MessageKey, Held> _young = [];
    private Dictionary<MessageKey, Held> _old = [];
    private bool _isEnding;
    private int _heldOn;

    public HeldProgress(IMessageStore store, StoreInstruments instruments, IOptions<DeviceMessageOptions> options, TimeProvider time)
    {
        _store = store;
        _period = options.Value.HoldProgressFor;
        instruments.WatchHeld(() => Length);

        // It carries nothing of the call that first asked for it.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static held => ((HeldProgress)held!).Advance(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private int Length
    {
        get
        {
            lock (_gate)
            {
                return LengthLocked;
            }
        }
    }

    private int LengthLocked => _young.Count + _old.Count;

    /// <summary>Stores a change, soon where it is not final. Completes when it, or a later one of the message, is durable.</summary>
    public Task UpdateAsync(MessageChange change)
    {
        var key = MessageKey.Of(change);
        Held? held;
        lock (_gate)
        {
            var isHeld = _young.Remove(key, out held) || _old.Remove(key, out held);
            if (held is not null)
            {
                change = change.Over(held.Change);
            }
            else if (!change.Progress.IsFinal && _store.TryUpdateWithAppend(change) is { } appended)
            {
                // What is final is not held in any case: the store looks for its message itself.
                return appended;
            }

            if (!change.Progress.IsFinal && _period > TimeSpan.Zero && !_isEnding && LengthLocked < LengthMax)
            {
                held ??= new Held();
                held.Change = change;
                Hold(key, held, isHeld);
                return held.Stored.Task;
            }
        }

        if (held is null)
        {
            return _store.UpdateAsync(change);
        }

        held.Change = change;
        _ = WriteAsync(held);
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

    private void Hold(MessageKey key, Held held, bool isRunning)
    {
        if (!isRunning && LengthLocked == 0)
        {
            _timer.Change(_period, Timeout.InfiniteTimeSpan);
        }

        _young.Add(key, held);
    }

    private void Advance()
    {
        Dictionary<MessageKey, Held> due;
        lock (_gate)
        {
            if (_store.IsBehind && !_isEnding && ++_heldOn <= HeldOnMax)
            {
                _timer.Change(_period, Timeout.InfiniteTimeSpan);
                return;
            }

            _heldOn = 0;
            due = _old;
            _old = _young;
            _young = [];
            if (_old.Count > 0)
            {
                _timer.Change(_period, Timeout.InfiniteTimeSpan);
            }
        }

        foreach (var held in due.Values)
        {
            _ = WriteAsync(held);
        }
    }

    private async Task WriteAsync(Held held)
    {
        try
        {
            await _store.UpdateAsync(held.Change).ConfigureAwait(false);
            held.Stored.SetResult();
        }
        catch (Exception exception)
        {
            held.Stored.SetException(exception);
        }
    }

    private sealed class Held
    {
        public MessageChange Change { get; set; } = null!;

        public TaskCompletionSource Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
