using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Topics;
using Orleans.Concurrency;

namespace IotPlatform.Gateways;

/// <summary>A gateway as other gateways see it.</summary>
[Alias("iot.gateway-peer")]
public interface IGatewayPeer : IGrainObserver
{
    /// <summary>A gateway has come: whoever hears of it sends it what it is interested in from here on.</summary>
    [Alias("hello"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task HelloAsync(GatewayLease newcomer);

    /// <summary>
    /// What the gateway is interested in, as changes since a version. Held until there is a change, at most <see cref="PullTime"/>. Asking for what
    /// follows a version says that everything up to it is in effect at the asking gateway.
    /// </summary>
    [Alias("pull-interests"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<InterestChanges> PullInterestsAsync(InterestPull pull);

    /// <summary>
    /// Publishes for the sessions of this gateway. Done when each has its place in their queues. A batch that has been taken before is not taken
    /// again: the earlier answer is given.
    /// </summary>
    [Alias("publish"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<RoutedReply> PublishAsync(RoutedBatch batch);

    /// <summary>
    /// Publishes for one member each of shared subscriptions, wherever: who was to have these messages is gone. Done when each has its place. May fail halfway: then
    /// all of them are tried again, and some members get two.
    /// </summary>
    [Alias("redistribute"), AlwaysInterleave, ResponseTimeout("00:00:10")]
    Task RedistributeAsync(ImmutableArray<RoutedPublish> messages);

    /// <summary>Publishes the will of a device whose own gateway was lost, wherever it is wanted.</summary>
    [Alias("publish-will"), AlwaysInterleave, ResponseTimeout("00:00:10")]
    Task PublishWillAsync(DeviceWill will);

    /// <summary>How long a pull is held.</summary>
    static TimeSpan PullTime => TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long, from the asking of a pull on, the asking gateway may rely on what it was answered. Past that it sends everything.
    /// </summary>
    static TimeSpan PullValidity => TimeSpan.FromSeconds(3);
}
