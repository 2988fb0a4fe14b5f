namespace IotPlatform.Bench.Load;

/// <summary>Takes device messages.</summary>
internal sealed class MessageReceiver(MessageLedger ledger, DeliveryCheck check) : IDeliveryReceiver
{
    public bool TryTake(int device, in PublishFrame frame, long now) =>
        check.TryRead(device, frame, out var sequence, out var messageId)
        && ledger.TryArrive(device, sequence, check.HasMessageIds ? messageId : MessageLedger.MessageIdOf((int)sequence), now);
}
