using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Tests.Golden;

namespace IotPlatform.Fuzz;

/// <summary>The packets that clients send before anything happens to them: those of the golden tables, and those that fit into a session.</summary>
internal sealed class PacketSource(Random random, ProtocolVersion version, string clientId)
{
    /// <summary>Few, as those of the server's messages are: one that is acknowledged is often one that came.</summary>
    private const int PacketIdsMax = 8;

    private static readonly byte[][] Everything = [.. GoldenTables.All.Select(static row => row.Bytes).Where(static bytes => bytes.Length is > 0 and < 2048)];
    private static readonly Dictionary<ProtocolVersion, byte[][]> Valid = new()
    {
        [ProtocolVersion.Mqtt311] = ValidOf(ProtocolVersion.Mqtt311),
        [ProtocolVersion.Mqtt500] = ValidOf(ProtocolVersion.Mqtt500),
    };

    private static readonly byte[][] Connects = [.. GoldenTables.ByPacket["CONNECT"].Select(static row => row.Bytes)];

    /// <summary>What nobody else publishes to, as a rule.</summary>
    public string OwnTopic => $"own/{clientId}";

    /// <summary>Any packet of any table: for the other version, of a server, refused.</summary>
    public byte[] Any() => Everything[random.Next(Everything.Length)];

    /// <summary>A packet that may come on a connection as it is.</summary>
    public byte[] Fitting() =>
        random.Next(4) == 0 ? Valid[version][random.Next(Valid[version].Length)] : OfSession();

    public byte[] GoldenConnect() => Connects[random.Next(Connects.Length)];

    public byte[] Connect(bool isKept, bool cleanStart) => new ConnectPacket
    {
        Version = version,
        ClientId = clientId,
        CleanStart = cleanStart || (version == ProtocolVersion.Mqtt311 && !isKept),
        SessionExpiryInterval = version == ProtocolVersion.Mqtt500 && isKept ? (uint)random.Next(5, 60) : null,
        ReceiveMaximum = version == ProtocolVersion.Mqtt500 && random.Next(2) == 0 ? (ushort)random.Next(1, 10) : null,
        TopicAliasMaximum = version == ProtocolVersion.Mqtt500 && random.Next(2) == 0 ? (ushort)random.Next(1, 5) : null,
        KeepAlive = (ushort)(random.Next(4) == 0 ? random.Next(1, 30) : 0),
        Will = random.Next(3) == 0
            ? new WillMessage
            {
                Topic = Topic(),
                Payload = Encoding.UTF8.GetBytes("will"),
                QoS = (QoS)random.Next(3),
                Retain = random.Next(4) == 0,
                DelayInterval = version == ProtocolVersion.Mqtt500 && random.Next(2) == 0 ? (uint)random.Next(10) : null,
            }
            : null,
    }.ToArray(version);

    public byte[] Subscribe(string filter, QoS qos) => new SubscribePacket
    {
        PacketId = PacketId(),
        Subscriptions = [new TopicSubscription(filter, new SubscriptionOptions(qos, RetainHandling: version == ProtocolVersion.Mqtt500 ? (RetainHandling)random.Next(3) : RetainHandling.Send))],
    }.ToArray(version);

    public byte[] Publish(string topic, QoS qos)
    {
        var packet = new PublishPacket
        {
            Topic = Encoding.UTF8.GetBytes(topic),
            Payload = new byte[random.Next(40)],
            Flags = new PublishFlags(qos, random.Next(8) == 0),
            PacketId = qos == QoS.AtMostOnce ? (ushort)0 : PacketId(),
        };
        var bytes = new byte[packet.EncodedSize(version)];
        packet.Write(bytes, version);
        return bytes;
    }

    private static byte[][] ValidOf(ProtocolVersion version) =>
    [
        .. GoldenTables.All
            .Where(row => row.Version == version && row.Sender == Sender.Client && row.Value is not null and not ConnectPacket)
            .Select(static row => row.Bytes)
            .Where(static bytes => bytes.Length < 2048),
    ];

    private byte[] OfSession()
    {
        switch (random.Next(12))
        {
            case 0 or 1 or 2:
                return Publish(Topic(), (QoS)random.Next(3));
            case 3:
                return Subscribe(Filter(), (QoS)random.Next(3));
            case 4:
                return new UnsubscribePacket { PacketId = PacketId(), Filters = [Filter()] }.ToArray(version);
            case 5:
                return PingReqPacket.Encoded.ToArray();
            case 6 when random.Next(8) == 0:
                return new DisconnectPacket
                {
                    ReasonCode = version == ProtocolVersion.Mqtt500 && random.Next(2) == 0 ? ReasonCode.DisconnectWithWill : ReasonCode.Success,
                    SessionExpiryInterval = version == ProtocolVersion.Mqtt500 && random.Next(2) == 0 ? (uint)random.Next(60) : null,
                }.ToArray(version);
            default:
                return Acknowledge();
        }
    }

    private byte[] Acknowledge()
    {
        var type = (PacketType)random.Next((int)PacketType.PubAck, (int)PacketType.PubComp + 1);
        Span<byte> bytes = stackalloc byte[Acknowledgement.BytesMax];
        return bytes[..Acknowledgement.Write(bytes, type, PacketId(), ReasonCode.Success, version)].ToArray();
    }

    private ushort PacketId() => (ushort)random.Next(1, PacketIdsMax + 1);

    private string Topic() => random.Next(4) switch { 0 => "a", 1 => "a/b", 2 => OwnTopic, _ => $"t/{random.Next(4)}" };

    private string Filter() => random.Next(9) switch
    {
        0 => "#",
        1 => "+/b",
        2 => "$share/g/t/+",
        3 => OwnTopic,
        4 => "$share/h/#",
        5 => "a/#",
        _ => $"t/{random.Next(4)}",
    };
}
