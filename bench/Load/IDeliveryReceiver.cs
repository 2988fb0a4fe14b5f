namespace IotPlatform.Bench.Load;

/// <summary>Takes what devices get.</summary>
internal interface IDeliveryReceiver
{
    /// <summary>Takes note of a delivery where it lies in the receive buffer; false when it is none of the run's.</summary>
    bool TryTake(int device, in PublishFrame frame, long now);
}
