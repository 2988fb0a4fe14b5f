using System.Text;
using IotPlatform.Broadcasts;
using IotPlatform.Delivery;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Unit.Tests.Delivery;

/// <summary>A broadcast's bytes are those of an ordinary PUBLISH.</summary>
public sealed class BroadcastFrameTests
{
    public static TheoryData<ProtocolVersion, QoS, string?, int> Kinds()
    {
        var kinds = new TheoryData<ProtocolVersion, QoS, string?, int>();
        foreach (var version in new[] { ProtocolVersion.Mqtt311, ProtocolVersion.Mqtt500 })
        {
            foreach (var qos in new[] { QoS.AtMostOnce, QoS.AtLeastOnce })
            {
                // Payloads on both sides of the steps of the variable-length Remaining Length.
                foreach (var bytes in new[] { 0, 1, 50, 100, 128, 16_300, 16_384, 65_536 })
                {
                    kinds.Add(version, qos, null, bytes);
                    kinds.Add(version, qos, "/broadcast/pk/news", bytes);
                }
            }
        }

        return kinds;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Bytes_AreThoseOfAPublish(ProtocolVersion version, QoS qos, string? topic, int payloadBytes)
    {
        var payload = new byte[payloadBytes];
        new Random(payloadBytes).NextBytes(payload);
        var frame = new BroadcastFrame(new BroadcastMessage(987_654_321, "pk", topic, (int)qos, payload), TimeProvider.System);
        var name = "gerät-1"u8;
        var packetId = (ushort)(qos == QoS.AtMostOnce ? 0 : 513);
        var flags = new PublishFlags(qos, Dup: qos != QoS.AtMostOnce);

        var actual = new byte[frame.Size(new CopyParts(version, name), qos)];
        Assert.Equal(actual.Length, frame.Write(actual, new CopyParts(version, name), flags, packetId));

        var expectedTopic = Encoding.UTF8.GetBytes(topic ?? "/sys/pk/gerät-1/broadcast/request/987654321");
        var expected = new byte[PublishWriter.Size(version, qos, expectedTopic.AsSpan(), default, payload.Length)];
        PublishWriter.Write(expected, version, flags, expectedTopic.AsSpan(), packetId, default, payload);
        Assert.Equal(expected, actual);
    }
}
