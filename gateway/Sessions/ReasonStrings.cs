using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Sessions;

/// <summary>
/// What the developer of a 5.0 client is told beside a reason code: what to change. One text for each code and place; encoded once.
/// </summary>
internal static class ReasonStrings
{
    /// <summary>Bytes of the longest one as a property.</summary>
    public const int PropertyBytesMax = 160;

    private static readonly ReasonString?[] ConnAck = Table(
        (ReasonCode.MalformedPacket, "CONNECT, or the AUTH behind it, is not encoded as MQTT 5.0 says."),
        (ReasonCode.ProtocolError, "CONNECT, or a packet before CONNACK, has what the protocol does not allow there."),
        (ReasonCode.UnsupportedProtocolVersion, "Use protocol name MQTT with level 4 (3.1.1) or 5 (5.0)."),
        (ReasonCode.ClientIdentifierNotValid, "Use a shorter client identifier, or none."),
        (ReasonCode.NotAuthorized, "Check the user name ({deviceName}&{productKey}), the secret, that both are enabled, and the will topic."),
        (ReasonCode.ServerUnavailable, "Try again in some seconds."),
        (ReasonCode.ServerBusy, "Try again in some seconds."),
        (ReasonCode.Banned, "The address or the device is banned: by an administrator, or for some minutes after too many logins that failed. Try again later."),
        (ReasonCode.BadAuthenticationMethod, "The only authentication method is SCRAM-SHA-256."),
        (ReasonCode.TopicNameInvalid, "The will topic is empty, too long or too deep, or has wildcards."),
        (ReasonCode.PacketTooLarge, "A packet is larger than the server takes, or an answer larger than the client's Maximum Packet Size."),
        (ReasonCode.QuotaExceeded, "There is no room for this now. Try again later."),
        (ReasonCode.ConnectionRateExceeded, "Too many logins at once. Try again after a random delay."));

    private static readonly ReasonString?[] PubAck = Table(
        (ReasonCode.UnspecifiedError, "The message could not be kept. Publish it again."),
        (ReasonCode.NotAuthorized, "The topic is outside the device's branches and its product's permissions."),
        (ReasonCode.TopicNameInvalid, "The topic is longer or deeper than the server takes."),
        (ReasonCode.PacketIdentifierInUse, "The packet identifier is that of another message whose hand-over is not finished."),
        (ReasonCode.QuotaExceeded, "There is no room for this message now. Publish it again later, or retain fewer messages."));

    private static readonly ReasonString?[] SubAck = Table(
        (ReasonCode.UnspecifiedError, "A subscription could not be made. Subscribe again."),
        (ReasonCode.NotAuthorized, "A filter is outside the device's branches and its product's permissions."),
        (ReasonCode.TopicFilterInvalid, "A filter is not valid, or longer or deeper than the server takes."),
        (ReasonCode.QuotaExceeded, "There are too many subscriptions. Unsubscribe from others first."));

    private static readonly ReasonString?[] Disconnect = Table(
        (ReasonCode.UnspecifiedError, "What was asked for could not be done. Connect again."),
        (ReasonCode.MalformedPacket, "A packet is not encoded as MQTT 5.0 says."),
        (ReasonCode.ProtocolError, "A packet, or something in it, is not allowed where it came."),
        (ReasonCode.NotAuthorized, "The device, or its product, was disabled or deleted, may not use what it is subscribed to, or has not proven who it is."),
        (ReasonCode.ServerBusy, "Connect again in some seconds."),
        (ReasonCode.ServerShuttingDown, "The server is shutting down. Connect again."),
        (ReasonCode.KeepAliveTimeout, "No packet came for one and a half times the keep-alive."),
        (ReasonCode.SessionTakenOver, "The device has connected again. Only one connection may use its name."),
        (ReasonCode.TopicFilterInvalid, "A topic filter is empty, or its wildcards are not where they may be."),
        (ReasonCode.TopicNameInvalid, "A topic name has wildcards."),
        (ReasonCode.ReceiveMaximumExceeded, "More messages at QoS 1 and 2 were not acknowledged yet than the Receive Maximum of CONNACK."),
        (ReasonCode.TopicAliasInvalid, "A topic alias is 0, above the Topic Alias Maximum of CONNACK, or was not given a topic."),
        (ReasonCode.PacketTooLarge, "A packet is larger than the Maximum Packet Size of CONNACK, or its answer larger than the client's."),
        (ReasonCode.MessageRateTooHigh, "Messages come faster than the server takes them."),
        (ReasonCode.QuotaExceeded, "The client does not take what it is sent, or there is no room for what it asks."),
        (ReasonCode.AdministrativeAction, "An administrator has ended the connection, or banned the device or its address."),
        (ReasonCode.UseAnotherServer, "Connect to the server of the Server Reference, for now."),
        (ReasonCode.ServerMoved, "Connect to the server of the Server Reference, from now on."));

    /// <summary>The places that have any.</summary>
    public static IReadOnlyList<PacketType> Places { get; } = [PacketType.ConnAck, PacketType.PubAck, PacketType.PubRec, PacketType.SubAck, PacketType.Disconnect];

    /// <returns>Null where there is nothing to say.</returns>
    public static ReasonString? Find(PacketType place, ReasonCode reason) => place switch
    {
        PacketType.ConnAck => ConnAck[(byte)reason],
        PacketType.PubAck or PacketType.PubRec => PubAck[(byte)reason],
        PacketType.SubAck => SubAck[(byte)reason],
        PacketType.Disconnect => Disconnect[(byte)reason],
        _ => null,
    };

    private static ReasonString?[] Table(params ReadOnlySpan<(ReasonCode Reason, string Text)> rows)
    {
        var table = new ReasonString?[byte.MaxValue + 1];
        foreach (var (reason, text) in rows)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            table[(byte)reason] = new ReasonString(text, (byte[])[(byte)PropertyId.ReasonString, (byte)(utf8.Length >> 8), (byte)utf8.Length, .. utf8]);
        }

        return table;
    }
}
