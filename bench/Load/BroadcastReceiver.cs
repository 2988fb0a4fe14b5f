namespace IotPlatform.Bench.Load;

/// <summary>Takes broadcasts.</summary>
internal sealed class BroadcastReceiver(DeliveryLedger ledger, DeliveryCheck check) : IDeliveryReceiver
{
    public bool TryTake(int device, in PublishFrame frame, long now)
    {
        if (!check.TryRead(device, frame, out var sequence, out var messageId))
        {
            return false;
        }

        ledger.Deliver(device, sequence, messageId, now);
        return true;
    }
}
