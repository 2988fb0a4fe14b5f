namespace IotPlatform.Bench.Load;

/// <summary>Whether messages come to each device in the order of their calls, wherever a server promises that.</summary>
/// <param name="devices">How many devices there are.</param>
/// <param name="isOfCalls">
/// All messages of a device take one way, which keeps them in order. Otherwise calls that are under way together may overtake each other, and only one that
/// was answered before another one was made comes before it.
/// </param>
internal sealed class ArrivalOrder(int devices, bool isOfCalls)
{
    // The sequence number of the latest message, and one.
    private readonly int[] _latest = new int[devices];

    /// <summary>Whether a message that has just arrived should have come before one that was there before it, and which.</summary>
    public bool IsBroken(MessageLedger ledger, int sequence, out int latest)
    {
        ref readonly var message = ref ledger[sequence];
        latest = _latest[message.Device] - 1;
        if (latest < sequence)
        {
            _latest[message.Device] = sequence + 1;
            return false;
        }

        return isOfCalls || (message.AnsweredAt != 0 && message.AnsweredAt <= ledger[latest].StartedAt);
    }
}
