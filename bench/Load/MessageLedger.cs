using System.Diagnostics;
using IotPlatform.Bench.Measure;

namespace IotPlatform.Bench.Load;

/// <summary>Knows of every device message when it was called, answered, and at its device; and that it came to no other.</summary>
/// <param name="names">The devices.</param>
/// <param name="faults">Takes what is wrong.</param>
/// <param name="order">Checks in which order they come; null: in any.</param>
/// <param name="hasOwnIds">Whether callers give messages their ids; else the platform does, and answer and topic have to name the same.</param>
internal sealed class MessageLedger(DeviceNames names, Faults faults, ArrivalOrder? order = null, bool hasOwnIds = true)
{
    /// <summary>Ids are numbers of one length, so that a request is made by writing digits over digits.</summary>
    private const ulong FirstMessageId = 1_000_000_000;

    private MessageState[] _messages = new MessageState[1024];

    /// <summary>Messages called so far; the sequence number of the next one.</summary>
    public int Started { get; private set; }

    public int Answered { get; private set; }

    public int Arrived { get; private set; }

    /// <summary>Copies beyond the first; at QoS 1 there may be some, where an acknowledgement was slow.</summary>
    public int Doubled { get; private set; }

    public long LastEventAt { get; private set; }

    /// <summary>From the call to its answer; replaced where a measurement starts.</summary>
    public LatencyHistogram CallLatency { get; set; } = new();

    /// <summary>From the call to the message's first copy; replaced where a measurement starts.</summary>
    public LatencyHistogram DeviceLatency { get; set; } = new();

    public bool IsComplete => Answered == Started && Arrived == Started;

    public ref readonly MessageState this[int sequence] => ref _messages[sequence];

    public static ulong MessageIdOf(int sequence) => FirstMessageId + (ulong)sequence;

    public static long SequenceOf(ulong messageId) => (long)(messageId - FirstMessageId);

    /// <summary>The message that has been called under an id and not been answered; false when there is none.</summary>
    public bool TryFindUnanswered(ulong messageId, out int sequence)
    {
        sequence = (int)(messageId - FirstMessageId);
        return messageId - FirstMessageId < (ulong)Started && _messages[sequence].AnsweredAt == 0;
    }

    /// <summary>Opens the next message and answers its sequence number.</summary>
    public int Start(int device, long now)
    {
        if (Started == _messages.Length)
        {
            Array.Resize(ref _messages, 2 * Started);
        }

        _messages[Started] = new MessageState { Device = device, MessageId = hasOwnIds ? MessageIdOf(Started) : 0, StartedAt = now };
        return Started++;
    }

    /// <summary>Whether this is a message's id. Where it has none yet, it is from here on.</summary>
    public bool IsNamed(int sequence, ulong messageId)
    {
        ref var message = ref _messages[sequence];
        message.MessageId = message.MessageId == 0 ? messageId : message.MessageId;
        return messageId != 0 && message.MessageId == messageId;
    }

    /// <summary>It was accepted.</summary>
    public void Answer(int sequence)
    {
        ref var message = ref _messages[sequence];
        message.AnsweredAt = LastEventAt = Stopwatch.GetTimestamp();
        Answered++;
        CallLatency.Record(message.AnsweredAt - message.StartedAt);
    }

    /// <summary>A device got it; false when it is none of that device's.</summary>
    public bool TryArrive(int device, long sequence, ulong messageId, long now)
    {
        if ((ulong)sequence >= (ulong)Started || _messages[sequence].Device != device || !IsNamed((int)sequence, messageId))
        {
            return false;
        }

        ref var message = ref _messages[sequence];
        LastEventAt = now;
        if (message.ArrivedAt != 0)
        {
            Doubled++;
            return true;
        }

        message.ArrivedAt = now;
        Arrived++;
        DeviceLatency.Record(now - message.StartedAt);
        if (order is not null && order.IsBroken(this, (int)sequence, out var latest))
        {
            faults.Add($"message {messageId} came to {names.NameOf(device)} behind {MessageIdOf(latest)}, which was called after it");
        }

        return true;
    }

    /// <summary>Whatever has not come is a fault.</summary>
    public void Close()
    {
        for (var sequence = 0; sequence < Started; sequence++)
        {
            if (_messages[sequence].AnsweredAt == 0)
            {
                faults.Add($"message {MessageIdOf(sequence)} was never accepted");
            }
            else if (_messages[sequence].ArrivedAt == 0)
            {
                faults.Add($"message {MessageIdOf(sequence)} was accepted and never came to {names.NameOf(_messages[sequence].Device)}");
            }
        }
    }
}
