using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Tests.Support;
using IotPlatform.Transport;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>
/// Clients that break the protocol. 5.0: the reason stands in CONNACK, or in a DISCONNECT [MQTT-4.13.1-1]. 3.1.1: the connection is closed [MQTT-4.8.0-1].
/// </summary>
public sealed class ProtocolErrorTests : IAsyncDisposable
{
    private const ProtocolVersion V3 = ProtocolVersion.Mqtt311;
    private const ProtocolVersion V5 = ProtocolVersion.Mqtt500;

    private readonly Edge _edge = new();

    /// <summary>Every way to break 5.0 on an open connection, and what the server says to it.</summary>
    public static TheoryData<string, string, ReasonCode> Errors500() => new()
    {
        // Section 2.1: the fixed header.
        { "a packet type of 0", "00 00", ReasonCode.MalformedPacket },
        { "a length of five bytes", "30 FF FF FF FF 01", ReasonCode.MalformedPacket },
        { "a length that is not minimal", "C0 80 00", ReasonCode.MalformedPacket }, // [MQTT-1.5.5-1]
        { "a packet that is too large", "30 80 80 80 01", ReasonCode.PacketTooLarge }, // Section 3.2.2.3.6

        // [MQTT-2.1.3-1] Reserved flags.
        { "CONNECT with flags", "11 < ['MQTT'] 05 02 0000 00 ['c'] >", ReasonCode.MalformedPacket },
        { "PUBACK with flags", "41 < 0001 >", ReasonCode.MalformedPacket },
        { "PUBREC with flags", "52 < 0001 >", ReasonCode.MalformedPacket },
        { "PUBREL without flags", "60 < 0001 >", ReasonCode.MalformedPacket }, // [MQTT-3.6.1-1]
        { "PUBREL with other flags", "6A < 0001 >", ReasonCode.MalformedPacket },
        { "PUBCOMP with flags", "71 < 0001 >", ReasonCode.MalformedPacket },
        { "SUBSCRIBE without flags", "80 < 0001 00 ['a'] 00 >", ReasonCode.MalformedPacket }, // [MQTT-3.8.1-1]
        { "UNSUBSCRIBE without flags", "A0 < 0001 00 ['a'] >", ReasonCode.MalformedPacket }, // [MQTT-3.10.1-1]
        { "PINGREQ with flags", "C1 00", ReasonCode.MalformedPacket },
        { "DISCONNECT with flags", "E1 00", ReasonCode.MalformedPacket }, // [MQTT-3.14.1-1]
        { "AUTH with flags", "F8 < 18 < 15 ['m'] > >", ReasonCode.MalformedPacket }, // [MQTT-3.15.1-1]

        // Packets at the wrong time, or from the wrong side.
        { "a second CONNECT", "10 < ['MQTT'] 05 02 0000 00 ['c'] >", ReasonCode.ProtocolError }, // [MQTT-3.1.0-2]
        { "CONNACK", "20 < 00 00 00 >", ReasonCode.ProtocolError },
        { "SUBACK", "90 < 0001 00 00 >", ReasonCode.ProtocolError },
        { "UNSUBACK", "B0 < 0001 00 00 >", ReasonCode.ProtocolError },
        { "PINGRESP", "D0 00", ReasonCode.ProtocolError },
        { "AUTH without an authentication", "F0 < 18 < 15 ['m'] > >", ReasonCode.ProtocolError }, // [MQTT-4.12.0-7]

        // Section 3.3: PUBLISH.
        { "PUBLISH of QoS 3", "36 < ['a'] 0001 00 >", ReasonCode.MalformedPacket }, // [MQTT-3.3.1-4]
        { "PUBLISH of QoS 0 that is a duplicate", "38 < ['a'] 00 >", ReasonCode.MalformedPacket }, // [MQTT-3.3.1-2]
        { "PUBLISH with packet id 0", "32 < ['a'] 0000 00 >", ReasonCode.ProtocolError }, // [MQTT-2.2.1-3]
        { "PUBLISH that ends in its topic", "30 < 0005 'a' >", ReasonCode.MalformedPacket },
        { "PUBLISH without property length", "30 < ['a'] >", ReasonCode.MalformedPacket }, // [MQTT-2.2.2-1]
        { "PUBLISH to #", "30 < ['a/#'] 00 >", ReasonCode.TopicNameInvalid }, // [MQTT-3.3.2-2]
        { "PUBLISH to +", "30 < ['+/a'] 00 >", ReasonCode.TopicNameInvalid }, // [MQTT-4.7.0-1]
        { "PUBLISH without topic and alias", "30 < [] 00 >", ReasonCode.ProtocolError }, // [MQTT-4.7.3-1]
        { "PUBLISH to a topic that is not UTF-8", "30 < [ FF ] 00 >", ReasonCode.MalformedPacket }, // [MQTT-1.5.4-1]
        { "PUBLISH to a topic with a surrogate", "30 < [ ED A0 80 ] 00 >", ReasonCode.MalformedPacket },
        { "PUBLISH to a topic with U+0000", "30 < [ 'a' 00 ] 00 >", ReasonCode.MalformedPacket }, // [MQTT-1.5.4-2]
        { "PUBLISH with topic alias 0", "30 < ['a'] < 23 0000 > >", ReasonCode.TopicAliasInvalid }, // [MQTT-3.3.2-8]
        { "PUBLISH with an unknown topic alias", "30 < [] < 23 FFFF > >", ReasonCode.TopicAliasInvalid }, // [MQTT-3.3.2-9]
        { "PUBLISH with a subscription identifier", "30 < ['a'] < 0B 01 > >", ReasonCode.ProtocolError }, // [MQTT-3.3.4-6]
        { "PUBLISH with a response topic of wildcards", "30 < ['a'] < 08 ['r/+'] > >", ReasonCode.ProtocolError }, // [MQTT-3.3.2-14]
        { "PUBLISH with a response topic that is not UTF-8", "30 < ['a'] < 08 [ FF ] > >", ReasonCode.MalformedPacket }, // [MQTT-3.3.2-13]
        { "PUBLISH with a content type that is not UTF-8", "30 < ['a'] < 03 [ C0 80 ] > >", ReasonCode.MalformedPacket }, // [MQTT-3.3.2-19]
        { "PUBLISH with a user property that is not UTF-8", "30 < ['a'] < 26 [ FF ] ['v'] > >", ReasonCode.MalformedPacket }, // [MQTT-1.5.7-1]
        { "PUBLISH with a user value that is not UTF-8", "30 < ['a'] < 26 ['k'] [ 00 ] > >", ReasonCode.MalformedPacket },
        { "PUBLISH with payload format 2", "30 < ['a'] < 01 02 > >", ReasonCode.ProtocolError },
        { "PUBLISH with two payload formats", "30 < ['a'] < 01 01 01 01 > >", ReasonCode.ProtocolError },
        { "PUBLISH with two expiries", "30 < ['a'] < 02 00000001 02 00000001 > >", ReasonCode.ProtocolError },
        { "PUBLISH with two aliases", "30 < ['a'] < 23 0001 23 0001 > >", ReasonCode.ProtocolError },
        { "PUBLISH with two response topics", "30 < ['a'] < 08 ['r'] 08 ['r'] > >", ReasonCode.ProtocolError },
        { "PUBLISH with two content types", "30 < ['a'] < 03 ['t'] 03 ['t'] > >", ReasonCode.ProtocolError },
        { "PUBLISH with two correlation data", "30 < ['a'] < 09 [] 09 [] > >", ReasonCode.ProtocolError },
        { "PUBLISH with a property of CONNECT", "30 < ['a'] < 11 00000001 > >", ReasonCode.MalformedPacket },
        { "PUBLISH with an unknown property", "30 < ['a'] < 7F 00 > >", ReasonCode.MalformedPacket },

        // Sections 3.4 to 3.7.
        { "PUBACK with packet id 0", "40 < 0000 >", ReasonCode.ProtocolError },
        { "PUBACK without packet id", "40 00", ReasonCode.MalformedPacket },
        { "PUBACK with a code that is not its own", "40 < 0001 92 >", ReasonCode.ProtocolError }, // [MQTT-3.4.2-1]
        { "PUBREC with a code that is not its own", "50 < 0001 11 >", ReasonCode.ProtocolError }, // [MQTT-3.5.2-1]
        { "PUBREL with a code that is not its own", "62 < 0001 10 >", ReasonCode.ProtocolError }, // [MQTT-3.6.2-1]
        { "PUBCOMP with a code that is not its own", "70 < 0001 80 >", ReasonCode.ProtocolError }, // [MQTT-3.7.2-1]
        { "PUBACK with two reason strings", "40 < 0001 00 < 1F ['a'] 1F ['b'] > >", ReasonCode.ProtocolError },
        { "PUBACK with a reason string that is not UTF-8", "40 < 0001 00 < 1F [ FF ] > >", ReasonCode.MalformedPacket },

        // Section 3.8: SUBSCRIBE.
        { "SUBSCRIBE with packet id 0", "82 < 0000 00 ['a'] 00 >", ReasonCode.ProtocolError },
        { "SUBSCRIBE without filters", "82 < 0001 00 >", ReasonCode.ProtocolError }, // [MQTT-3.8.3-2]
        { "SUBSCRIBE of QoS 3", "82 < 0001 00 ['a'] 03 >", ReasonCode.ProtocolError },
        { "SUBSCRIBE with retain handling 3", "82 < 0001 00 ['a'] 30 >", ReasonCode.ProtocolError },
        { "SUBSCRIBE with a reserved option", "82 < 0001 00 ['a'] 40 >", ReasonCode.MalformedPacket }, // [MQTT-3.8.3-5]
        { "SUBSCRIBE with no local on a share", "82 < 0001 00 ['$share/g/a'] 04 >", ReasonCode.ProtocolError }, // [MQTT-3.8.3-4]
        { "SUBSCRIBE without options", "82 < 0001 00 ['a'] >", ReasonCode.MalformedPacket },
        { "SUBSCRIBE to nothing", "82 < 0001 00 [] 00 >", ReasonCode.TopicFilterInvalid }, // [MQTT-4.7.3-1]
        { "SUBSCRIBE with # that is not last", "82 < 0001 00 ['#/a'] 00 >", ReasonCode.TopicFilterInvalid }, // [MQTT-4.7.1-1]
        { "SUBSCRIBE with + beside others", "82 < 0001 00 ['a+'] 00 >", ReasonCode.TopicFilterInvalid }, // [MQTT-4.7.1-2]
        { "SUBSCRIBE to a share without a name", "82 < 0001 00 ['$share//a'] 00 >", ReasonCode.TopicFilterInvalid }, // [MQTT-4.8.2-1]
        { "SUBSCRIBE to a share without a filter", "82 < 0001 00 ['$share/g/'] 00 >", ReasonCode.TopicFilterInvalid }, // [MQTT-4.8.2-2]
        { "SUBSCRIBE to a filter that is not UTF-8", "82 < 0001 00 [ FF ] 00 >", ReasonCode.MalformedPacket }, // [MQTT-3.8.3-1]
        { "SUBSCRIBE with identifier 0", "82 < 0001 < 0B 00 > ['a'] 00 >", ReasonCode.ProtocolError },
        { "SUBSCRIBE with two identifiers", "82 < 0001 < 0B 01 0B 02 > ['a'] 00 >", ReasonCode.ProtocolError },
        { "SUBSCRIBE with a property of PUBLISH", "82 < 0001 < 23 0001 > ['a'] 00 >", ReasonCode.MalformedPacket },

        // Section 3.10: UNSUBSCRIBE.
        { "UNSUBSCRIBE with packet id 0", "A2 < 0000 00 ['a'] >", ReasonCode.ProtocolError },
        { "UNSUBSCRIBE without filters", "A2 < 0001 00 >", ReasonCode.ProtocolError }, // [MQTT-3.10.3-2]
        { "UNSUBSCRIBE from a filter that is not UTF-8", "A2 < 0001 00 [ FF ] >", ReasonCode.MalformedPacket }, // [MQTT-3.10.3-1]
        { "UNSUBSCRIBE from what is no filter", "A2 < 0001 00 ['a/#/b'] >", ReasonCode.TopicFilterInvalid },
        { "UNSUBSCRIBE with a property of SUBSCRIBE", "A2 < 0001 < 0B 01 > ['a'] >", ReasonCode.MalformedPacket },

        // Sections 3.12 to 3.15.
        { "PINGREQ with a body", "C0 < 00 >", ReasonCode.MalformedPacket },
        { "DISCONNECT with a code of the server", "E0 < 8B >", ReasonCode.ProtocolError }, // [MQTT-3.14.2-1]
        { "DISCONNECT with an unknown code", "E0 < 03 >", ReasonCode.ProtocolError },
        { "DISCONNECT with a server reference", "E0 < 00 < 1C ['other'] > >", ReasonCode.ProtocolError },
        { "DISCONNECT with two expiries", "E0 < 00 < 11 00000000 11 00000000 > >", ReasonCode.ProtocolError },
        { "DISCONNECT that lets a session live that was to end", "E0 < 00 < 11 00000001 > >", ReasonCode.ProtocolError }, // Section 3.14.2.2.2
        { "DISCONNECT with bytes left over", "E0 < 00 00 00 >", ReasonCode.MalformedPacket },
    };

    /// <summary>The same for 3.1.1, where nothing is said.</summary>
    public static TheoryData<string, string> Errors311() => new()
    {
        { "a packet type of 0", "00 00" },
        { "a packet type of 15", "F0 00" },
        { "a length of five bytes", "30 FF FF FF FF 01" },
        { "a packet that is too large", "30 80 80 80 01" },

        // [MQTT-2.2.2-2]
        { "PUBACK with flags", "41 < 0001 >" },
        { "PUBREL without flags", "60 < 0001 >" }, // [MQTT-3.6.1-1]
        { "SUBSCRIBE without flags", "80 < 0001 ['a'] 00 >" }, // [MQTT-3.8.1-1]
        { "UNSUBSCRIBE without flags", "A0 < 0001 ['a'] >" }, // [MQTT-3.10.1-1]
        { "PINGREQ with flags", "C1 00" },
        { "DISCONNECT with flags", "E1 00" }, // [MQTT-3.14.1-1]

        { "a second CONNECT", "10 < ['MQTT'] 04 02 0000 ['c'] >" }, // [MQTT-3.1.0-2]
        { "CONNACK", "20 < 00 00 >" },
        { "SUBACK", "90 < 0001 00 >" },
        { "UNSUBACK", "B0 < 0001 >" },
        { "PINGRESP", "D0 00" },

        { "PUBLISH of QoS 3", "36 < ['a'] 0001 >" }, // [MQTT-3.3.1-4]
        { "PUBLISH of QoS 0 that is a duplicate", "38 < ['a'] >" }, // [MQTT-3.3.1-2]
        { "PUBLISH with packet id 0", "32 < ['a'] 0000 >" }, // [MQTT-2.3.1-1]
        { "PUBLISH to #", "30 < ['a/#'] >" }, // [MQTT-3.3.2-2]
        { "PUBLISH to +", "30 < ['+/a'] >" }, // [MQTT-4.7.1-1]
        { "PUBLISH without topic", "30 < [] >" }, // [MQTT-4.7.3-1]
        { "PUBLISH to a topic that is not UTF-8", "30 < [ FF ] >" }, // [MQTT-1.5.3-1]
        { "PUBLISH to a topic with U+0000", "30 < [ 'a' 00 ] >" }, // [MQTT-1.5.3-2]
        { "PUBACK with packet id 0", "40 < 0000 >" },
        { "PUBACK with a reason code", "40 < 0001 00 >" },
        { "SUBSCRIBE with packet id 0", "82 < 0000 ['a'] 00 >" },
        { "SUBSCRIBE without filters", "82 < 0001 >" }, // [MQTT-3.8.3-3]
        { "SUBSCRIBE of QoS 3", "82 < 0001 ['a'] 03 >" }, // [MQTT-3.8.3-4]
        { "SUBSCRIBE with options of 5.0", "82 < 0001 ['a'] 04 >" },
        { "SUBSCRIBE with # that is not last", "82 < 0001 ['#/a'] 00 >" }, // [MQTT-4.7.1-2]
        { "SUBSCRIBE with + beside others", "82 < 0001 ['a+'] 00 >" }, // [MQTT-4.7.1-3]
        { "SUBSCRIBE to a filter that is not UTF-8", "82 < 0001 [ FF ] 00 >" }, // [MQTT-3.8.3-1]
        { "UNSUBSCRIBE without filters", "A2 < 0001 >" }, // [MQTT-3.10.3-2]
        { "UNSUBSCRIBE from a filter that is not UTF-8", "A2 < 0001 [ FF ] >" }, // [MQTT-3.10.3-1]
        { "PINGREQ with a body", "C0 < 00 >" },
        { "DISCONNECT with a body", "E0 < 00 >" },
    };

    /// <summary>CONNECT packets that are refused; without a reason, the connection is closed without CONNACK.</summary>
    public static TheoryData<string, string, ReasonCode?> RefusedConnects() => new()
    {
        // [MQTT-3.1.2-1], [MQTT-3.1.2-2]
        { "another protocol", "10 < ['MQIsdp'] 03 02 0000 ['c'] >", ReasonCode.UnsupportedProtocolVersion },
        { "a level to come", "10 < ['MQTT'] 06 02 0000 00 ['c'] >", ReasonCode.UnsupportedProtocolVersion },

        // [MQTT-3.1.4-1] of 3.1.1: no CONNACK where it does not conform.
        { "3.1.1 with the reserved flag", "10 < ['MQTT'] 04 03 0000 ['c'] >", null }, // [MQTT-3.1.2-3]
        { "3.1.1 with a password alone", "10 < ['MQTT'] 04 42 0000 ['c'] ['p'] >", null }, // [MQTT-3.1.2-22]
        { "3.1.1 with a will of QoS 3", "10 < ['MQTT'] 04 1E 0000 ['c'] ['w'] [] >", null }, // [MQTT-3.1.2-14]
        { "3.1.1 with QoS and no will", "10 < ['MQTT'] 04 0A 0000 ['c'] >", null }, // [MQTT-3.1.2-13]
        { "3.1.1 with retain and no will", "10 < ['MQTT'] 04 22 0000 ['c'] >", null }, // [MQTT-3.1.2-15]
        { "3.1.1 without the will that it names", "10 < ['MQTT'] 04 06 0000 ['c'] >", null }, // [MQTT-3.1.2-9]
        { "3.1.1 with a user name that it does not name", "10 < ['MQTT'] 04 02 0000 ['c'] ['u'] >", null }, // [MQTT-3.1.2-18]
        { "3.1.1 with a client id that is not UTF-8", "10 < ['MQTT'] 04 02 0000 [ FF ] >", null }, // [MQTT-3.1.3-4]
        { "3.1.1 with a will topic that is not UTF-8", "10 < ['MQTT'] 04 06 0000 ['c'] [ FF ] [] >", null }, // [MQTT-3.1.3-10]
        { "3.1.1 with a user name that is not UTF-8", "10 < ['MQTT'] 04 82 0000 ['c'] [ FF ] >", null }, // [MQTT-3.1.3-11]
        { "3.1.1 without client id and clean session", "10 < ['MQTT'] 04 00 0000 [] >", ReasonCode.ClientIdentifierNotValid }, // [MQTT-3.1.3-8]

        // [MQTT-3.1.4-1], [MQTT-3.1.4-2]; section 4.13
        { "the reserved flag", "10 < ['MQTT'] 05 03 0000 00 ['c'] >", ReasonCode.MalformedPacket }, // [MQTT-3.1.2-3]
        { "a will of QoS 3", "10 < ['MQTT'] 05 1E 0000 00 ['c'] 00 ['w'] [] >", ReasonCode.MalformedPacket }, // [MQTT-3.1.2-12]
        { "QoS and no will", "10 < ['MQTT'] 05 0A 0000 00 ['c'] >", ReasonCode.MalformedPacket }, // [MQTT-3.1.2-11]
        { "retain and no will", "10 < ['MQTT'] 05 22 0000 00 ['c'] >", ReasonCode.MalformedPacket }, // [MQTT-3.1.2-13]
        { "a will that it names is missing", "10 < ['MQTT'] 05 06 0000 00 ['c'] >", ReasonCode.MalformedPacket }, // [MQTT-3.1.2-9]
        { "no client id at all", "10 < ['MQTT'] 05 02 0000 00 >", ReasonCode.MalformedPacket }, // [MQTT-3.1.3-3]
        { "a user name that it does not name", "10 < ['MQTT'] 05 02 0000 00 ['c'] ['u'] >", ReasonCode.MalformedPacket }, // [MQTT-3.1.2-16]
        { "a user name that it names is missing", "10 < ['MQTT'] 05 82 0000 00 ['c'] >", ReasonCode.MalformedPacket }, // [MQTT-3.1.2-17]
        { "a password that it does not name", "10 < ['MQTT'] 05 82 0000 00 ['c'] ['u'] ['p'] >", ReasonCode.MalformedPacket }, // [MQTT-3.1.2-18]
        { "a password that it names is missing", "10 < ['MQTT'] 05 C2 0000 00 ['c'] ['u'] >", ReasonCode.MalformedPacket }, // [MQTT-3.1.2-19]
        { "a client id that is not UTF-8", "10 < ['MQTT'] 05 02 0000 00 [ FF ] >", ReasonCode.MalformedPacket }, // [MQTT-3.1.3-4]
        { "a will topic that is not UTF-8", "10 < ['MQTT'] 05 06 0000 00 ['c'] 00 [ FF ] [] >", ReasonCode.MalformedPacket }, // [MQTT-3.1.3-11]
        { "a will content type that is not UTF-8", "10 < ['MQTT'] 05 06 0000 00 ['c'] < 03 [ FF ] > ['w'] [] >", ReasonCode.MalformedPacket },
        { "a will user property that is not UTF-8", "10 < ['MQTT'] 05 06 0000 00 ['c'] < 26 [ FF ] [] > ['w'] [] >", ReasonCode.MalformedPacket },
        { "a will topic of wildcards", "10 < ['MQTT'] 05 06 0000 00 ['c'] 00 ['w/#'] [] >", ReasonCode.TopicNameInvalid },
        { "a user name that is not UTF-8", "10 < ['MQTT'] 05 82 0000 00 ['c'] [ FF ] >", ReasonCode.MalformedPacket }, // [MQTT-3.1.3-12]
        { "an authentication method that is not UTF-8", "10 < ['MQTT'] 05 02 0000 < 15 [ FF ] > ['c'] >", ReasonCode.MalformedPacket },
        { "a receive maximum of 0", "10 < ['MQTT'] 05 02 0000 < 21 0000 > ['c'] >", ReasonCode.ProtocolError },
        { "a packet size of 0", "10 < ['MQTT'] 05 02 0000 < 27 00000000 > ['c'] >", ReasonCode.ProtocolError },
        { "two session expiries", "10 < ['MQTT'] 05 02 0000 < 11 00000001 11 00000001 > ['c'] >", ReasonCode.ProtocolError },
        { "a request for problems of 2", "10 < ['MQTT'] 05 02 0000 < 17 02 > ['c'] >", ReasonCode.ProtocolError },
        { "authentication data without a method", "10 < ['MQTT'] 05 02 0000 < 16 [ 01 ] > ['c'] >", ReasonCode.ProtocolError },
        { "an unknown authentication method", "10 < ['MQTT'] 05 02 0000 < 15 ['unheard-of'] > ['c'] >", ReasonCode.BadAuthenticationMethod }, // [MQTT-4.12.0-1]
    };

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    // [MQTT-3.1.0-1], [MQTT-3.14.0-1] Every other type; who it is and what it speaks is not known, so nothing is said.
    [Theory]
    [InlineData("00 00")]
    [InlineData("20 < 00 00 >")]
    [InlineData("30 < ['a'] 'x' >")]
    [InlineData("40 < 0001 >")]
    [InlineData("50 < 0001 >")]
    [InlineData("62 < 0001 >")]
    [InlineData("70 < 0001 >")]
    [InlineData("82 < 0001 ['a'] 00 >")]
    [InlineData("90 < 0001 00 >")]
    [InlineData("A2 < 0001 ['a'] >")]
    [InlineData("B0 < 0001 >")]
    [InlineData("C0 00")]
    [InlineData("D0 00")]
    [InlineData("E0 00")]
    [InlineData("F0 00")]
    public void FirstPacket_ThatIsNotConnect_ClosesWithoutAWord(string packet)
    {
        var connection = new FakeConnection(ConnectionIds.Next());
        var (_, outcome) = _edge.NewOwner(connection).Received(Notation.Bytes(packet), out _);
        Assert.Equal(ReceiveOutcome.Stop, outcome);
        Assert.True(connection.IsClosed);
        Assert.Empty(connection.Sent);
    }

    [Theory]
    [MemberData(nameof(Errors500))]
    public async Task Error_Of500_IsAnsweredWithItsReason_AndCloses(string error, string packet, ReasonCode reason)
    {
        var client = await EdgeClient.ConnectAsync(_edge, "d", V5);
        client.Send(Notation.Bytes(packet));
        Assert.True(client.IsClosed, error);
        var last = Assert.Single(client.Packets);
        Assert.Equal((PacketType.Disconnect, reason), (last.Type, last.Reason));
    }

    [Theory]
    [MemberData(nameof(Errors311))]
    public async Task Error_Of311_ClosesWithoutAWord(string error, string packet)
    {
        var client = await EdgeClient.ConnectAsync(_edge, "d", V3);
        client.Send(Notation.Bytes(packet));
        Assert.True(client.IsClosed, error);
        Assert.Empty(client.Packets);
    }

    [Theory]
    [MemberData(nameof(RefusedConnects))]
    public void Connect_ThatIsWrong_IsRefusedWithItsReason_AndCloses(string error, string packet, ReasonCode? reason)
    {
        var connection = new FakeConnection(ConnectionIds.Next());
        var bytes = Notation.Bytes(packet);

        // [MQTT-3.1.4-6] ([MQTT-3.1.4-5] in 3.1.1): what follows is not looked at.
        var (taken, outcome) = _edge.NewOwner(connection).Received([.. bytes, 0xC0, 0x00], out _);
        Assert.Equal((bytes.Length, ReceiveOutcome.Stop), (taken, outcome));
        Assert.True(connection.IsClosed, error);
        var version = packet.Contains("'] 05", StringComparison.Ordinal) || packet.Contains("'] 06", StringComparison.Ordinal) ? V5 : V3;
        var answers = EdgePacket.In([.. connection.Sent.SelectMany(static sent => sent)], version);

        // [MQTT-3.2.2-6], [MQTT-3.2.2-7] ([MQTT-3.2.2-4], [MQTT-3.2.2-5] in 3.1.1)
        Assert.Equal(reason is null ? [] : [(reason.Value, false)], answers.Select(static a => (a.Reason, a.ConnAck!.SessionPresent)));
    }

    // Section 4.3: what the server does not know it answers, or lets be; it is no error.
    [Theory]
    [InlineData(V3, "40 < 0007 >", "")]
    [InlineData(V5, "40 < 0007 >", "")]
    [InlineData(V3, "50 < 0007 >", "PubRel Success")]
    [InlineData(V5, "50 < 0007 >", "PubRel PacketIdentifierNotFound")]
    [InlineData(V5, "50 < 0007 80 >", "")]
    [InlineData(V3, "62 < 0007 >", "PubComp Success")]
    [InlineData(V5, "62 < 0007 >", "PubComp PacketIdentifierNotFound")]
    [InlineData(V3, "70 < 0007 >", "")]
    [InlineData(V5, "70 < 0007 >", "")]
    public async Task Acknowledgement_OfNothing_DoesNotClose(ProtocolVersion version, string packet, string expected)
    {
        var client = await EdgeClient.ConnectAsync(_edge, "d", version);
        client.Send(Notation.Bytes(packet));
        Assert.False(client.IsClosed);
        Assert.Equal(expected, string.Join(' ', client.Packets.Select(static p => $"{p.Type} {p.Reason}")));
        Assert.All(client.Packets, static p => Assert.Equal(7, p.PacketId));
    }

    // [MQTT-3.1.2-8] An end like that is none that the client wished for.
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Error_HasTheWillPublished(ProtocolVersion version)
    {
        var watcher = await EdgeClient.ConnectAsync(_edge, "watcher");
        await watcher.SubscribeAsync("wills/+");
        var client = await EdgeClient.ConnectAsync(_edge, "d", version, new WillMessage { Topic = "wills/d", Payload = "gone"u8.ToArray() });
        client.Send(Notation.Bytes("D0 00"));
        Assert.Equal("gone", (await watcher.ReceiveAsync(1))[0].Payload);
    }

    // [MQTT-3.14.4-1] and [MQTT-4.13.2-1]: neither is anything more taken, nor anything more sent.
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Error_EndsTheConnection_AndNothingBehindItCounts(ProtocolVersion version)
    {
        var watcher = await EdgeClient.ConnectAsync(_edge, "watcher");
        await watcher.SubscribeAsync("a", QoS.AtMostOnce);
        var client = await EdgeClient.ConnectAsync(_edge, "d", version);
        client.Send(Notation.Bytes("D0 00 C0 00" + (version == V5 ? "30 < ['a'] 00 'x' >" : "30 < ['a'] 'x' >")));
        await watcher.PublishAsync("a", "the only one");
        Assert.Equal(["the only one"], watcher.Texts);
        Assert.DoesNotContain(client.Packets, static p => p.Type == PacketType.PingResp);
    }

    // A client that leaves a session behind is let go of it as by any other loss of the connection.
    [Fact]
    public async Task Error_LeavesTheSessionToTheNextConnection()
    {
        var client = await EdgeClient.ConnectAsync(_edge, "d", V5, sessionExpiry: 60);
        await client.SubscribeAsync("a");
        client.Send(Notation.Bytes("00 00"));
        var next = await EdgeClient.ConnectAsync(_edge, "d", V5, sessionExpiry: 60, cleanStart: false);
        Assert.True(next.ConnAck.SessionPresent);
    }

    // Section 3.1: the time for it. 5.0 or not is not known by then.
    [Theory]
    [InlineData("")]
    [InlineData("10 20 00 04 'MQTT'")]
    public void Connect_ThatDoesNotCome_ClosesWithoutAWord(string beginning)
    {
        var connection = new FakeConnection(ConnectionIds.Next());
        var owner = _edge.NewOwner(connection);
        _edge.Watch.Add(owner);
        owner.Received(Notation.Bytes(beginning), out _);
        _edge.Time.Advance(_edge.Settings.ConnectTimeout);
        Assert.True(connection.IsClosed);
        Assert.Empty(connection.Sent);
    }

    [Fact]
    public void Connect_ThatIsTooLarge_ClosesByItsHeaderAlone()
    {
        var connection = new FakeConnection(ConnectionIds.Next());
        var (_, outcome) = _edge.NewOwner(connection).Received([0x10, 0x80, 0x80, 0x04], out _);
        Assert.Equal(ReceiveOutcome.Stop, outcome);
        Assert.Empty(connection.Sent);
    }
}
