using IotPlatform.Gateways;

namespace IotPlatform.Devices;

/// <summary>Each by itself: the gateway is in this process, and a call to it costs less than to wait for others.</summary>
internal sealed class DirectDeliveries : IDeliveries
{
    /// <inheritdoc/>
    public Task<DeliverReply> DeliverAsync(IGatewayObserver shard, DeliverRequest request) => shard.DeliverAsync(request);
}
