using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Tests.Support;
using IotPlatform.Sessions;
using IotPlatform.Testkit;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>What clients are told beside a reason code, and which of them are.</summary>
public sealed class ReasonStringTests : IAsyncDisposable
{
    private const ProtocolVersion V5 = ProtocolVersion.Mqtt500;

    private readonly Edge _edge = new();

    /// <summary>A refusal in each place that has a text.</summary>
    public static TheoryData<PacketType, string, ReasonCode> Refusals() => new()
    {
        { PacketType.ConnAck, "", ReasonCode.BadAuthenticationMethod },
        { PacketType.PubAck, "32 < ['$x'] 0001 00 'x' >", ReasonCode.NotAuthorized },
        { PacketType.PubRec, "34 < ['$x'] 0002 00 'x' >", ReasonCode.NotAuthorized },
        { PacketType.SubAck, "82 < 0003 00 ['t'] 00 ['$x'] 00 >", ReasonCode.NotAuthorized },
        { PacketType.Disconnect, "D0 00", ReasonCode.ProtocolError },
    };

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refusal_SaysWhatToChange(PacketType place, string packet, ReasonCode reason)
    {
        var answer = await RefusedAsync(packet);
        Assert.Equal((place, ReasonStrings.Find(place, reason)!.Text), (TypeOf(answer), TextIn(answer)));
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refusal_WhereTheServerIsSetToSendNoText_IsItsReasonCodeAlone(PacketType place, string packet, ReasonCode reason)
    {
        var whole = await RefusedAsync(packet);
        _edge.Settings.ReasonStrings = false;
        var answer = await RefusedAsync(packet);
        Assert.Equal((place, null), (TypeOf(answer), TextIn(answer)));
        Assert.True(answer.Length < whole.Length && reason.IsFailure());
    }

    // [MQTT-3.2.2-19], [MQTT-3.4.2-2], [MQTT-3.5.2-2], [MQTT-3.9.2-1], [MQTT-3.14.2-3] To the byte.
    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refusal_ThatWouldBeLargerThanTheClientTakes_IsItsReasonCodeAlone(PacketType place, string packet, ReasonCode reason)
    {
        var whole = await RefusedAsync(packet);
        Assert.Equal(whole, await RefusedAsync(packet, maximumPacketSize: (uint)whole.Length));

        var bare = await RefusedAsync(packet, maximumPacketSize: (uint)whole.Length - 1);
        Assert.Equal(whole.Length - ReasonStrings.Find(place, reason)!.Property.Length - (place is PacketType.ConnAck or PacketType.SubAck ? 0 : 1), bare.Length);
        Assert.Equal((place, null), (TypeOf(bare), TextIn(bare)));
    }

    // [MQTT-3.1.2-29] CONNACK and DISCONNECT may say it all the same.
    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refusal_ToAClientThatWantsNoProblems_SaysItInConnAckAndDisconnectAlone(PacketType place, string packet, ReasonCode reason)
    {
        var answer = await RefusedAsync(packet, wantsProblems: false);
        var isSaid = place is PacketType.ConnAck or PacketType.Disconnect;
        Assert.Equal((place, isSaid ? ReasonStrings.Find(place, reason)!.Text : null), (TypeOf(answer), TextIn(answer)));
    }

    // UNSUBACK and PUBCOMP refuse nothing here.
    [Theory]
    [InlineData("32 < ['t'] 0001 00 'x' >", "40 < 0001 10 >")]
    [InlineData("82 < 0003 00 ['t'] 00 >", "90 < 0003 00 00 >")]
    [InlineData("A2 < 0004 00 ['none'] >", "B0 < 0004 00 11 >")]
    [InlineData("62 < 0005 >", "70 < 0005 92 >")]
    public async Task Answer_ThatRefusesNothing_HasNoText(string packet, string expected)
    {
        var (connection, owner) = await ConnectAsync(new ConnectPacket { ClientId = "c", CleanStart = true });
        Assert.Null(TextIn(Assert.Single(connection.Sent)));
        connection.Sent.Clear();
        owner.Received(Notation.Bytes(packet), out _);
        await Patience.UntilAsync(() => connection.Sent.Count > 0, "the answer");
        Assert.Equal(Notation.Bytes(expected), Assert.Single(connection.Sent));
    }

    [Theory]
    [InlineData("32 < ['$x'] 0001 'x' >", "40 < 0001 >")]
    [InlineData("82 < 0003 ['$x'] 00 >", "90 < 0003 80 >")]
    public async Task Refusal_Of311_HasNoText(string packet, string expected)
    {
        var (connection, owner) = await ConnectAsync(new ConnectPacket { Version = ProtocolVersion.Mqtt311, ClientId = "c", CleanStart = true });
        connection.Sent.Clear();
        owner.Received(Notation.Bytes(packet), out _);
        Assert.Equal(Notation.Bytes(expected), Assert.Single(connection.Sent));
    }

    // A DISCONNECT that names another server keeps that name before its text.
    [Fact]
    public async Task Disconnect_WithTooLittleRoomForBoth_NamesTheServer()
    {
        foreach (var (size, hasText) in new[] { (200u, true), (60u, false) })
        {
            var (connection, owner) = await ConnectAsync(new ConnectPacket { ClientId = "c", CleanStart = true, MaximumPacketSize = size });
            connection.Sent.Clear();
            owner.Disconnect(ReasonCode.UseAnotherServer, "mqtt2.example.org:8883");
            var bytes = Assert.Single(connection.Sent);
            Assert.True(DisconnectPacket.TryRead(bytes.AsSpan(2), 0, V5, Sender.Server, out var disconnect, out _));
            Assert.Equal(("mqtt2.example.org:8883", hasText), (disconnect.ServerReference, disconnect.ReasonString is not null));
        }
    }

    // Kicked or banned, or both: nothing that the developer has done wrong.
    [Fact]
    public async Task Client_ThatIsSentAway_IsToldThatAnAdministratorDidIt()
    {
        var (connection, owner) = await ConnectAsync(new ConnectPacket { ClientId = "c", CleanStart = true });
        connection.Sent.Clear();
        owner.Disconnect(ReasonCode.AdministrativeAction);
        Assert.Contains("administrator", TextIn(Assert.Single(connection.Sent)), StringComparison.Ordinal);
    }

    // Acknowledgements that had to wait say it as well.
    [Fact]
    public async Task Acknowledgement_ThatHadToWait_SaysItToo()
    {
        var connection = new FakeConnection();
        var deferred = new DeferredAcknowledgements(connection, new ReasonTerms(V5, int.MaxValue, WantsNone: false), null!);
        var first = new TaskCompletionSource<ReasonCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        deferred.Add(new(first.Task), PacketType.PubAck, 1, 0);
        for (ushort packetId = 2; packetId <= DeferredAcknowledgements.LengthMax; packetId++)
        {
            deferred.Add(new(ReasonCode.QuotaExceeded), PacketType.PubAck, packetId, 0);
        }

        first.SetResult(ReasonCode.NotAuthorized);
        await Patience.UntilAsync(() => deferred.IsEmpty, "every acknowledgement");
        var texts = PacketsIn([.. connection.Sent.SelectMany(static sent => sent)]).Select(TextIn).ToArray();
        Assert.Equal(DeferredAcknowledgements.LengthMax, texts.Length);
        Assert.Equal(ReasonStrings.Find(PacketType.PubAck, ReasonCode.NotAuthorized)!.Text, texts[0]);
        Assert.All(texts[1..], static text => Assert.Equal(ReasonStrings.Find(PacketType.PubAck, ReasonCode.QuotaExceeded)!.Text, text));
    }

    [Fact]
    public void Table_HasTextsForCodesThatAreAllowedThere_AndNoneLongerThanItsBuffers()
    {
        var count = 0;
        foreach (var place in ReasonStrings.Places)
        {
            for (var code = 0; code <= byte.MaxValue; code++)
            {
                if (ReasonStrings.Find(place, (ReasonCode)code) is { } found)
                {
                    count++;
                    Assert.True(((ReasonCode)code).IsFailure() && ((ReasonCode)code).IsAllowedIn(place, Sender.Server), $"{place} {(ReasonCode)code}");
                    Assert.InRange(found.Property.Length, 10, ReasonStrings.PropertyBytesMax);
                    Assert.True(PropertyBlock.TryParse(found.Property.Span, (PropertyScope)(1 << (int)place), out var properties, out _));
                    Assert.Equal(found.Text, properties.Text(PropertyId.ReasonString));
                }
            }
        }

        Assert.True(count > 40, $"{count} texts");
    }

    [Fact]
    public void Refusals_OfPublishes_AllocateNothing()
    {
        var terms = new ReasonTerms(V5, 1_000, WantsNone: false);
        var buffer = new byte[ReasonTerms.AcknowledgementBytesMax];
        var length = 0;
        Assert.Equal(0, Allocation.Of(() => length = terms.Write(buffer, PacketType.PubAck, 1, ReasonCode.NotAuthorized)));
        Assert.NotNull(TextIn(buffer[..length]));
    }

    private static PacketType TypeOf(byte[] packet) => (PacketType)(packet[0] >> 4);

    private static List<byte[]> PacketsIn(byte[] sent)
    {
        var packets = new List<byte[]>();
        for (var rest = sent.AsSpan(); !rest.IsEmpty;)
        {
            Assert.Equal(FrameStatus.Complete, Frame.TryRead(rest, int.MaxValue, out var header));
            packets.Add(rest[..header.TotalLength].ToArray());
            rest = rest[header.TotalLength..];
        }

        return packets;
    }

    private static string? TextIn(byte[] packet)
    {
        Assert.Equal(FrameStatus.Complete, Frame.TryRead(packet, int.MaxValue, out var header));
        var body = packet.AsSpan(header.HeaderLength);
        switch (header.Type)
        {
            case PacketType.ConnAck:
                Assert.True(ConnAckPacket.TryRead(body, header.Flags, V5, out var connAck, out _));
                return connAck.ReasonString;
            case PacketType.SubAck:
                Assert.True(SubAckPacket.TryRead(body, header.Flags, V5, out var subAck, out _));
                return subAck.ReasonString;
            case PacketType.Disconnect:
                Assert.True(DisconnectPacket.TryRead(body, header.Flags, V5, Sender.Server, out var disconnect, out _));
                return disconnect.ReasonString;
            default:
                Assert.True(Acknowledgement.TryRead(header.Type, body, header.Flags, V5, out var acknowledgement, out _));
                return acknowledgement.Properties.Text(PropertyId.ReasonString);
        }
    }

    /// <summary>The server's answer to a packet; to CONNECT where there is none.</summary>
    private async Task<byte[]> RefusedAsync(string packet, uint? maximumPacketSize = null, bool? wantsProblems = null)
    {
        var (connection, owner) = await ConnectAsync(new ConnectPacket
        {
            ClientId = "c",
            CleanStart = true,
            MaximumPacketSize = maximumPacketSize,
            RequestProblemInformation = wantsProblems,
            AuthenticationMethod = packet.Length == 0 ? "unheard-of" : null,
        });
        if (packet.Length > 0)
        {
            connection.Sent.Clear();
            owner.Received(Notation.Bytes(packet), out _);
            await Patience.UntilAsync(() => connection.Sent.Count > 0, "the answer");
        }

        return Assert.Single(connection.Sent);
    }

    private async Task<(FakeConnection Connection, MqttConnection Owner)> ConnectAsync(ConnectPacket connect)
    {
        var connection = new FakeConnection(ConnectionIds.Next());
        var owner = _edge.NewOwner(connection);
        owner.Received(connect.ToArray(connect.Version), out _);
        await Patience.UntilAsync(() => connection.IsClosed || connection.Resumes > 0);
        return (connection, owner);
    }
}
