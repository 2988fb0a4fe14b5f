using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Tests.Support;

namespace IotPlatform.Mqtt.Tests.Codec;

public sealed class PublishWriterTests
{
    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public void Publish_WhenWrittenFromPieces_EqualsTheOneWrittenWhole(ProtocolVersion version)
    {
        var whole = new PublishValue
        {
            Topic = "/sys/pk/dev-1/broadcast",
            QoS = QoS.AtLeastOnce,
            PacketId = 9,
            SubscriptionIdentifiers = [5],
            UserProperties = [new UserProperty("k", "v")],
            Payload = [1, 2, 3],
        };
        Span<byte> own = stackalloc byte[8];
        Span<byte> shared = stackalloc byte[16];
        var ownWriter = new PacketWriter(own);
        ownWriter.WriteProperty(PropertyId.SubscriptionIdentifier, 5u);
        var sharedWriter = new PacketWriter(shared);
        sharedWriter.WriteUserProperties(whole.UserProperties);
        var topic = new TopicParts("/sys/pk/"u8, "dev-1"u8, "/broadcast"u8);
        var properties = new PropertyParts(sharedWriter.Written, ownWriter.Written);

        var bytes = new byte[PublishWriter.Size(version, QoS.AtLeastOnce, topic, properties, 3)];
        var length = PublishWriter.Write(bytes, version, new PublishFlags(QoS.AtLeastOnce), topic, 9, properties, [1, 2, 3]);

        Assert.Equal(bytes.Length, length);
        Assert.Equal(whole.Encode(version), bytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(118)]
    [InlineData(119)]
    [InlineData(120)]
    [InlineData(16_375)]
    [InlineData(16_376)]
    public void Publish_WhenHeadAndTailAreWrittenApart_TheyFormOnePacket(int payloadLength)
    {
        var topic = new TopicParts("a/b"u8);
        var payload = new byte[payloadLength];
        var tail = new byte[PublishWriter.TailSize(ProtocolVersion.Mqtt500, default, payloadLength)];
        Assert.Equal(tail.Length, PublishWriter.WriteTail(tail, ProtocolVersion.Mqtt500, default, payload));
        var head = new byte[PublishWriter.HeadSize(QoS.AtLeastOnce, topic, tail.Length)];
        Assert.Equal(head.Length, PublishWriter.WriteHead(head, new PublishFlags(QoS.AtLeastOnce), topic, 1, tail.Length));

        var value = Wire.Read([.. head, .. tail], ProtocolVersion.Mqtt500, Sender.Server, out _);
        Assert.Equal(payloadLength, Assert.IsType<PublishValue>(value).Payload.Length);
    }

    [Theory]
    [InlineData(60.0, "0000003C")]
    [InlineData(59.001, "0000003C")]
    [InlineData(0.001, "00000001")]
    [InlineData(0.0, "00000000")]
    [InlineData(-1.0, "00000000")]
    [InlineData(4_294_967_295.0, "FFFFFFFF")]
    [InlineData(5_000_000_000.0, "FFFFFFFF")]
    public void MessageExpiry_WhenWritten_IsWhatIsLeftInWholeSeconds(double left, string expected)
    {
        Span<byte> bytes = stackalloc byte[MessageExpiry.Bytes];
        Assert.Equal($"02{expected}", Convert.ToHexString(MessageExpiry.Write(bytes, TimeSpan.FromSeconds(left))));
    }

    [Fact]
    public void Publish_ForwardedWithWhatIsLeftOfItsExpiry_HasItInFrontOfTheOtherProperties()
    {
        var received = Notation.Bytes("01 01 02 0000003C 03 ['t']");
        Assert.True(PublishProperties.TryParse(received, Sender.Client, out var properties, out _));
        var forwarded = new byte[properties.ForwardedSize];
        properties.CopyForwarded(forwarded);
        Span<byte> expiry = stackalloc byte[MessageExpiry.Bytes];
        var parts = new PropertyParts(forwarded, MessageExpiry.Write(expiry, TimeSpan.FromSeconds(59.5 - 7)));

        var bytes = new byte[PublishWriter.Size(ProtocolVersion.Mqtt500, QoS.AtLeastOnce, "a"u8, parts, 2)];
        var length = PublishWriter.Write(bytes, ProtocolVersion.Mqtt500, new PublishFlags(QoS.AtLeastOnce, Retain: true), "a"u8, 1, parts, "hi"u8);
        var bytes311 = new byte[PublishWriter.Size(ProtocolVersion.Mqtt311, QoS.AtLeastOnce, "a"u8, parts, 2)];
        PublishWriter.Write(bytes311, ProtocolVersion.Mqtt311, new PublishFlags(QoS.AtLeastOnce, Retain: true), "a"u8, 1, parts, "hi"u8);

        Assert.Equal(bytes.Length, length);
        Assert.Equal(Notation.Bytes("33 < ['a'] 0001 < 02 00000035 01 01 03 ['t'] > 'hi' >"), bytes);
        Assert.Equal(Notation.Bytes("33 < ['a'] 0001 'hi' >"), bytes311);
    }

    [Fact]
    public void ForwardedProperties_LeaveOutWhatBelongsToOneHop()
    {
        var bytes = Notation.Bytes("01 01 23 0007 26 ['k'] ['1'] 02 0000003C 08 ['r'] 26 ['k'] ['2']");
        Assert.True(PublishProperties.TryParse(bytes, Sender.Client, out var properties, out _));
        var forwarded = new byte[properties.ForwardedSize];
        Assert.False(properties.IsForwardedAsIs);
        Assert.Equal(forwarded.Length, properties.CopyForwarded(forwarded));
        Assert.Equal(Notation.Bytes("01 01 26 ['k'] ['1'] 08 ['r'] 26 ['k'] ['2']"), forwarded);
    }

    [Fact]
    public void ForwardedProperties_WhenNothingIsOfOneHop_AreTheSameBytes()
    {
        var bytes = Notation.Bytes("26 ['k'] ['1'] 09 [ 00 ] 03 ['t']");
        Assert.True(PublishProperties.TryParse(bytes, Sender.Client, out var properties, out _));
        var forwarded = new byte[properties.ForwardedSize];
        Assert.True(properties.IsForwardedAsIs);
        Assert.Equal(bytes.Length, properties.CopyForwarded(forwarded));
        Assert.Equal(bytes, forwarded);
    }

    [Fact]
    public void WillProperties_WhenPublished_LeaveOutTheDelay()
    {
        var will = new WillMessage
        {
            Topic = "w",
            DelayInterval = 5,
            MessageExpiryInterval = 60,
            PayloadFormatIndicator = true,
            ContentType = "t",
            ResponseTopic = "r",
            CorrelationData = new byte[] { 1 },
            UserProperties = [new UserProperty("k", "v")],
        };
        Assert.Equal(Notation.Bytes("01 01 02 0000003C 03 ['t'] 08 ['r'] 09 [ 01 ] 26 ['k'] ['v']"), will.EncodePublishProperties());
    }
}
