using System.Text;
using IotPlatform.Diagnostics;
using IotPlatform.Gateways;
using IotPlatform.Hosting;
using IotPlatform.Routing.Peers;
using IotPlatform.Topics;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace IotPlatform.Unit.Tests.Routing.Peers;

/// <summary>A gateway's view of others, without the gateway.</summary>
internal sealed class PeerHost : IDisposable
{
    public PeerHost()
    {
        Self = new GatewayIdentity(Options.Create(new GatewayOptions { GatewayId = "self" }), Time);
        Peers = new PeerGateways(Self, Instruments, Time, NullLogger<PeerGateways>.Instance);
    }

    public ManualTime Time { get; } = new();

    public GatewayInstruments Instruments { get; } = new();

    public GatewayIdentity Self { get; }

    public PeerGateways Peers { get; }

    public static GatewayLease Lease(string gateway, long epoch = 1, IGatewayPeer? peer = null) =>
        new(new GatewayId(gateway), epoch, [], peer ?? new FakePeer(), $"{gateway}:1883", IsDraining: false);

    public static RoutedPublish Publish(string topic, int bytes = 1, params IEnumerable<string> shares) =>
        new(Encoding.UTF8.GetBytes(topic), new byte[bytes], default, QoS: 1, Retain: false, [.. shares], SharesOnly: false, ServedElsewhere: null, ExpiresAt: null,
            PublishId: 0);

    public static string TopicOf(RoutedPublish message) => Encoding.UTF8.GetString(message.Topic.Span);

    public void Dispose()
    {
        Peers.Dispose();
        Instruments.Dispose();
    }
}
