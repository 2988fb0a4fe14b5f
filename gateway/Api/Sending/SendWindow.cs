using System.Diagnostics;

namespace IotPlatform.Api.Sending;

/// <summary>What of one stream is under way: messages that were read and whose answers are not written, and their bytes.</summary>
/// <param name="messagesMax">With so many there is no room.</param>
/// <param name="bytesMax">With so many there is no room; the message that reaches it is still taken.</param>
internal sealed class SendWindow(int messagesMax, long bytesMax)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _empty;
    private int _messages;
    private long _bytes;

    /// <summary>Messages under way.</summary>
    public int Messages
    {
        get
        {
            lock (_gate)
            {
                return _messages;
            }
        }
    }

    private bool HasRoom => _messages < messagesMax && _bytes < bytesMax;

    /// <summary>A message was read.</summary>
    public void Enter(int bytes)
    {
        lock (_gate)
        {
            _messages++;
            _bytes += bytes;
        }
    }

    /// <summary>Answers were written, or nobody is there any more who would read them.</summary>
    public void Leave(int messages, long bytes)
    {
        TaskCompletionSource? room;
        TaskCompletionSource? empty;
        lock (_gate)
        {
            _messages -= messages;
            _bytes -= bytes;
            Debug.Assert(_messages >= 0 && _bytes >= 0, "Every answer is written once.");
            room = TakeIf(HasRoom, ref _room);
            empty = TakeIf(_messages == 0, ref _empty);
        }

        room?.SetResult();
        empty?.SetResult();
    }

    /// <summary>Completes when there is room for one more. One waits at a time.</summary>
    public Task WhenRoomAsync()
    {
        lock (_gate)
        {
            return WhenAsync(HasRoom, ref _room);
        }
    }

    /// <summary>Completes when nothing is under way. One waits at a time.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_gate)
        {
            return WhenAsync(_messages == 0, ref _empty);
        }
    }

    private static Task WhenAsync(bool isSo, ref TaskCompletionSource? waiting) =>
        isSo ? Task.CompletedTask : (waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private static TaskCompletionSource? TakeIf(bool isSo, ref TaskCompletionSource? waiting)
    {
        if (!isSo)
        {
            return null;
        }

        var taken = waiting;
        waiting = null;
        return taken;
    }
}
