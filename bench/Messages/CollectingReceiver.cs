using IotPlatform.Bench.Load;

namespace IotPlatform.Bench.Messages;

/// <summary>Takes device messages, and knows which devices have all of theirs.</summary>
internal sealed class CollectingReceiver(IDeliveryReceiver messages, MessageLedger ledger, int devices) : IDeliveryReceiver
{
    private readonly int[] _missing = CountsOf(ledger, devices);
    private readonly Queue<(int Device, long At)> _complete = new();

    /// <summary>Takes the next device that has got its last message; false when there is none.</summary>
    public bool TryTakeComplete(out int device, out long at)
    {
        var isThere = _complete.TryDequeue(out var complete);
        (device, at) = complete;
        return isThere;
    }

    public bool TryTake(int device, in PublishFrame frame, long now)
    {
        var before = ledger.Arrived;
        if (!messages.TryTake(device, frame, now))
        {
            return false;
        }

        // A second copy is none that was missing.
        if (ledger.Arrived > before && --_missing[device] == 0)
        {
            _complete.Enqueue((device, now));
        }

        return true;
    }

    private static int[] CountsOf(MessageLedger ledger, int devices)
    {
        var counts = new int[devices];
        for (var sequence = 0; sequence < ledger.Started; sequence++)
        {
            counts[ledger[sequence].Device]++;
        }

        return counts;
    }
}
