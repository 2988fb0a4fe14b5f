using IotPlatform.Gateways;

namespace IotPlatform.Devices;

/// <summary>How device grains hand messages to the gateways' shards.</summary>
internal interface IDeliveries
{
    /// <summary>Has a shard write messages to one of its connections.</summary>
    Task<DeliverReply> DeliverAsync(IGatewayObserver shard, DeliverRequest request);
}
