namespace IotPlatform.Bench.Load;

/// <summary>Takes device messages, and lets broadcasts pass: others check those.</summary>
internal sealed class ProbeReceiver(IDeliveryReceiver messages) : IDeliveryReceiver
{
    public bool TryTake(int device, in PublishFrame frame, long now) =>
        frame.Topic.IndexOf("/broadcast/request/"u8) >= 0 || messages.TryTake(device, frame, now);
}
