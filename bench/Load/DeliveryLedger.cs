using System.Diagnostics;
using IotPlatform.Bench.Measure;

namespace IotPlatform.Bench.Load;

/// <summary>
/// Knows of every broadcast who got it and when, and that all devices get each exactly once, all in the same order.
/// The first device to see a broadcast fixes its rank; every other device must then see it at that rank.
/// </summary>
/// <param name="devices">How many devices there are.</param>
/// <param name="names">What they are called.</param>
/// <param name="faults">Told of what must not be.</param>
/// <param name="stalled">The first so many of them do not read: nothing is expected of them.</param>
internal sealed class DeliveryLedger(int devices, DeviceNames names, Faults faults, int stalled = 0)
{
    // The rank that each device expects next.
    private readonly int[] _nextRank = new int[devices];
    private BroadcastState[] _broadcasts = new BroadcastState[1024];
    private int _ranked;

    /// <summary>Broadcasts called so far; the sequence number of the next one.</summary>
    public int Started { get; private set; }

    public int Answered { get; private set; }

    /// <summary>Broadcasts that all devices have.</summary>
    public int Complete { get; private set; }

    public long Deliveries { get; private set; }

    public long Missing { get; private set; }

    public long Doubled { get; private set; }

    /// <summary>What receipts said was not written.</summary>
    public long Dropped { get; private set; }

    /// <summary>Devices that receipts count as well, and that are looked after elsewhere.</summary>
    public int Others { get; init; }

    /// <summary>From the call to each device's copy; replaced where a measurement starts.</summary>
    public LatencyHistogram DeviceLatency { get; set; } = new();

    public ref readonly BroadcastState this[int sequence] => ref _broadcasts[sequence];

    /// <summary>Opens the next broadcast and answers its sequence number.</summary>
    public int Start()
    {
        if (Started == _broadcasts.Length)
        {
            Array.Resize(ref _broadcasts, 2 * Started);
        }

        _broadcasts[Started] = new BroadcastState { StartedAt = Stopwatch.GetTimestamp(), Rank = -1 };
        return Started++;
    }

    public void Answer(int sequence, in Receipt receipt)
    {
        ref var broadcast = ref _broadcasts[sequence];
        broadcast.AnsweredAt = Stopwatch.GetTimestamp();
        broadcast.Receipt = receipt;
        Answered++;
        Dropped += receipt.Dropped;
        if (!receipt.IsNone && !receipt.Says(devices + Others, stalled))
        {
            faults.Add($"the receipt of broadcast {sequence} disagrees with {devices + Others} devices: {receipt}");
        }
    }

    /// <summary>Takes note of one delivery; the message id is the one in its topic.</summary>
    public void Deliver(int device, long sequence, ulong messageId, long now)
    {
        if ((ulong)sequence >= (ulong)Started)
        {
            faults.Add($"{names.NameOf(device)} got broadcast {sequence}, which was never sent");
            return;
        }

        ref var broadcast = ref _broadcasts[sequence];
        if (broadcast.Rank != _nextRank[device] && !TryPlace(ref broadcast, device, sequence))
        {
            return;
        }

        _nextRank[device]++;
        Deliveries++;
        broadcast.LastArrivalAt = now;
        DeviceLatency.Record(now - broadcast.StartedAt);
        CheckMessageId(ref broadcast, sequence, messageId);
        if (++broadcast.Deliveries == devices - stalled)
        {
            Complete++;
        }
    }

    /// <summary>Counts what has not arrived, and compares the ids in the receipts with those in the topics.</summary>
    public void Close()
    {
        for (var device = stalled; device < devices; device++)
        {
            AddMissing(device, Started - _nextRank[device]);
        }

        for (var sequence = 0; sequence < Started; sequence++)
        {
            ref readonly var broadcast = ref _broadcasts[sequence];
            if (broadcast.AnsweredAt == 0)
            {
                faults.Add($"broadcast {sequence} was never answered");
            }
            else if (!broadcast.Receipt.IsNone && broadcast.MessageId != 0 && broadcast.Receipt.MessageId != broadcast.MessageId)
            {
                faults.Add($"broadcast {sequence} has id {broadcast.Receipt.MessageId} in its receipt and {broadcast.MessageId} in its topics");
            }
        }
    }

    // Off the usual path: a broadcast that no device saw yet, a copy too many, or one that comes after a gap.
    private bool TryPlace(ref BroadcastState broadcast, int device, long sequence)
    {
        if (broadcast.Rank < 0)
        {
            broadcast.Rank = _ranked++;
        }

        if (broadcast.Rank < _nextRank[device])
        {
            Doubled++;
            faults.Add($"{names.NameOf(device)} got broadcast {sequence} again, or after a later one");
            return false;
        }

        AddMissing(device, broadcast.Rank - _nextRank[device]);
        _nextRank[device] = broadcast.Rank;
        return true;
    }

    private void AddMissing(int device, int count)
    {
        if (count > 0)
        {
            Missing += count;
            faults.Add($"{names.NameOf(device)} lacks {count} broadcasts from rank {_nextRank[device]} on");
        }
    }

    private void CheckMessageId(ref BroadcastState broadcast, long sequence, ulong messageId)
    {
        if (broadcast.MessageId == messageId)
        {
            return;
        }

        if (broadcast.MessageId != 0)
        {
            faults.Add($"broadcast {sequence} came with the ids {broadcast.MessageId} and {messageId}");
        }

        broadcast.MessageId = messageId;
    }
}
