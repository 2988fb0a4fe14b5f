using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions.Model;

/// <summary>A client, its session as it must be, and what it must have got on its connection.</summary>
internal sealed class ModelClient(Edge edge, string clientId, ProtocolVersion version)
{
    private readonly List<ModelPacket> _expected = [];
    private readonly List<string> _expectedAtMostOnce = [];
    private int _checked;

    public string ClientId => clientId;

    public ProtocolVersion Version => version;

    /// <summary>Its connection; null for none.</summary>
    public EdgeClient? Connection { get; private set; }

    /// <summary>Its session; null for none.</summary>
    public ModelSession? Session { get; set; }

    public async Task ConnectAsync(ModelSession session, bool cleanStart, int receiveMaximum, bool isPresent)
    {
        Session = session;
        Connection = await EdgeClient.ConnectAsync(
            edge, clientId, version, cleanStart: cleanStart,
            sessionExpiry: version == ProtocolVersion.Mqtt500 ? (uint)session.Expiry.TotalSeconds : null,
            receiveMaximum: version == ProtocolVersion.Mqtt500 ? (ushort)receiveMaximum : null);
        Assert.Equal(isPresent, Connection.ConnAck.SessionPresent);
        session.Connect(version == ProtocolVersion.Mqtt500 ? receiveMaximum : edge.Settings.Session.InFlightMax);
        _expected.Clear();
        _expectedAtMostOnce.Clear();
        _checked = 0;
    }

    public void Disconnected(DateTimeOffset now)
    {
        Connection = null;
        Session!.Disconnect(now);
        if (Session.Expiry == TimeSpan.Zero)
        {
            Session = null;
        }
    }

    /// <summary>A message was published.</summary>
    public void Take(string topic, string payload, QoS qos, bool isOwn)
    {
        switch (Session?.GrantFor(topic, qos, isOwn))
        {
            case null:
                break;
            case QoS.AtMostOnce when Connection is not null:
                _expectedAtMostOnce.Add(payload);
                break;
            case QoS.AtMostOnce:
                break;
            case { } granted:
                Session!.Add(payload, granted);
                break;
        }
    }

    /// <summary>The client is done with a message, or wants it released.</summary>
    public void Answer(ModelMessage message, PacketType type, ReasonCode reason = ReasonCode.Success)
    {
        Span<byte> bytes = stackalloc byte[Acknowledgement.BytesMax];
        Connection!.Send(bytes[..Acknowledgement.Write(bytes, type, message.PacketId, reason, version)]);
        if (type == PacketType.PubRec && !reason.IsFailure())
        {
            message.IsReleased = true;
            _expected.Add(new ModelPacket(PacketType.PubRel, message));
        }
        else
        {
            Session!.Finish(message);
        }
    }

    /// <summary>Waits for what it must have got by now; nothing else has come.</summary>
    public async Task CheckAsync()
    {
        if (Connection is null)
        {
            return;
        }

        _expected.AddRange(Session!.Send());
        await Patience.UntilAsync(() => Sent().Count >= _expected.Count && AtMostOnce().Length >= _expectedAtMostOnce.Count, $"what {clientId} must get");
        Assert.Equal(_expectedAtMostOnce, AtMostOnce());
        var sent = Sent();
        Assert.Equal(_expected.Count, sent.Count);
        for (; _checked < sent.Count; _checked++)
        {
            Check(_expected[_checked], sent[_checked]);
        }

        // [MQTT-2.2.1-4], [MQTT-2.3.1-4]
        Assert.Distinct(Session.InFlight.Select(static message => message.PacketId));
    }

    private static void Check(ModelPacket expected, EdgePacket sent)
    {
        var message = expected.Message;
        Assert.Equal(expected.Type, sent.Type);
        if (sent.Publish is { } publish)
        {
            Assert.Equal((message.Payload, message.QoS, expected.IsDuplicate), (publish.Payload, publish.QoS, publish.Dup));
        }

        // [MQTT-4.4.0-1] The same on every connection.
        Assert.True(message.PacketId == 0 || message.PacketId == sent.PacketId, $"{message} had packet id {message.PacketId}, and has {sent.PacketId} now.");
        message.PacketId = sent.PacketId;
    }

    private List<EdgePacket> Sent() => Connection!.Packets.FindAll(static packet => packet is { Type: PacketType.PubRel } or { Publish.QoS: > QoS.AtMostOnce });

    private string[] AtMostOnce() => [.. Connection!.Messages.Where(static message => message.QoS == QoS.AtMostOnce).Select(static message => message.Payload)];
}
