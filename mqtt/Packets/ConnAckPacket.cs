using System.Diagnostics.CodeAnalysis;
using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>The server's answer to a CONNECT (section 3.2).</summary>
public sealed class ConnAckPacket : ControlPacket
{
    /// <inheritdoc/>
    public override PacketType Type => PacketType.ConnAck;

    /// <summary>Whether the server goes on with a session from before; never with a failure [MQTT-3.2.2-6].</summary>
    public bool SessionPresent { get; init; }

    /// <summary>The outcome. In 3.1.1 it is written as <see cref="ReasonCodes.ToConnectReturnCode"/> says, "server unavailable" where that is null.</summary>
    public ReasonCode ReasonCode { get; init; }

    /// <summary>Seconds that the session outlives the connection, when that differs from what the client asked for.</summary>
    public uint? SessionExpiryInterval { get; init; }

    /// <summary>How many unacknowledged QoS 1 and 2 messages the server accepts; absent means 65,535.</summary>
    public ushort? ReceiveMaximum { get; init; }

    /// <summary>The highest QoS the server supports, 0 or 1; absent means 2.</summary>
    public QoS? MaximumQoS { get; init; }

    /// <summary>Whether retained messages are supported; absent means yes.</summary>
    public bool? RetainAvailable { get; init; }

    /// <summary>Bytes of the longest packet the server accepts; absent means no limit.</summary>
    public uint? MaximumPacketSize { get; init; }

    /// <summary>The client identifier that the server chose, or null when the client brought its own [MQTT-3.2.2-16].</summary>
    public string? AssignedClientIdentifier { get; init; }

    /// <summary>The highest topic alias the server accepts; absent means 0.</summary>
    public ushort? TopicAliasMaximum { get; init; }

    /// <summary>Diagnostic text for people, or null.</summary>
    public string? ReasonString { get; init; }

    /// <summary>Whether wildcards in topic filters are supported; absent means yes.</summary>
    public bool? WildcardSubscriptionAvailable { get; init; }

    /// <summary>Whether subscription identifiers are supported; absent means yes.</summary>
    public bool? SubscriptionIdentifiersAvailable { get; init; }

    /// <summary>Whether shared subscriptions are supported; absent means yes.</summary>
    public bool? SharedSubscriptionAvailable { get; init; }

    /// <summary>Seconds of the keep-alive that the client must use instead of its own, or null.</summary>
    public ushort? ServerKeepAlive { get; init; }

    /// <summary>The base of response topics, or null.</summary>
    public string? ResponseInformation { get; init; }

    /// <summary>Another server to use, or null.</summary>
    public string? ServerReference { get; init; }

    /// <summary>The method of enhanced authentication, or null.</summary>
    public string? AuthenticationMethod { get; init; }

    /// <summary>Data of the authentication method, or null.</summary>
    public ReadOnlyMemory<byte>? AuthenticationData { get; init; }

    /// <summary>Reads the body of a CONNACK.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> body, byte flags, ProtocolVersion version, [NotNullWhen(true)] out ConnAckPacket? packet, out ReasonCode error)
    {
        var reader = new PacketReader(body);
        reader.Require(FixedHeader.HasValidFlags(PacketType.ConnAck, flags), ReasonCode.MalformedPacket);

        // [MQTT-3.2.2-1] Bits 7 to 1 of the acknowledge flags are reserved.
        var acknowledgeFlags = reader.ReadByte();
        reader.Require(acknowledgeFlags <= 1, ReasonCode.MalformedPacket);
        var code = ReadReasonCode(ref reader, version);
        reader.Require(acknowledgeFlags == 0 || code == ReasonCode.Success, ReasonCode.ProtocolError);
        packet = ReadRest(ref reader, version, acknowledgeFlags == 1, code);
        if (reader.TryFinish(out error))
        {
            return true;
        }

        packet = null;
        return false;
    }

    private protected override void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        writer.WriteByte(SessionPresent ? (byte)1 : (byte)0);
        writer.WriteByte(version == ProtocolVersion.Mqtt500
            ? (byte)ReasonCode
            : (byte)(ReasonCode.ToConnectReturnCode() ?? ConnectReturnCode.ServerUnavailable));
        WritePropertiesOf(ref writer, version);
    }

    private protected override void WriteProperties(ref PacketWriter writer)
    {
        writer.WriteProperty(PropertyId.SessionExpiryInterval, SessionExpiryInterval);
        writer.WriteProperty(PropertyId.AssignedClientIdentifier, AssignedClientIdentifier);
        writer.WriteProperty(PropertyId.ServerKeepAlive, ServerKeepAlive);
        writer.WriteProperty(PropertyId.AuthenticationMethod, AuthenticationMethod);
        writer.WriteProperty(PropertyId.AuthenticationData, AuthenticationData);
        writer.WriteProperty(PropertyId.ResponseInformation, ResponseInformation);
        writer.WriteProperty(PropertyId.ServerReference, ServerReference);
        writer.WriteProperty(PropertyId.ReasonString, ReasonString);
        writer.WriteProperty(PropertyId.ReceiveMaximum, ReceiveMaximum);
        writer.WriteProperty(PropertyId.TopicAliasMaximum, TopicAliasMaximum);
        writer.WriteProperty(PropertyId.MaximumQoS, (uint?)MaximumQoS);
        writer.WriteProperty(PropertyId.RetainAvailable, RetainAvailable);
        writer.WriteUserProperties(UserProperties);
        writer.WriteProperty(PropertyId.MaximumPacketSize, MaximumPacketSize);
        writer.WriteProperty(PropertyId.WildcardSubscriptionAvailable, WildcardSubscriptionAvailable);
        writer.WriteProperty(PropertyId.SubscriptionIdentifiersAvailable, SubscriptionIdentifiersAvailable);
        writer.WriteProperty(PropertyId.SharedSubscriptionAvailable, SharedSubscriptionAvailable);
    }

    private static ReasonCode ReadReasonCode(ref PacketReader reader, ProtocolVersion version)
    {
        var code = reader.ReadByte();
        if (version == ProtocolVersion.Mqtt311)
        {
            // Section 3.2.2.3 of 3.1.1: the codes above 5 are reserved.
            reader.Require(code <= (byte)ConnectReturnCode.NotAuthorized, ReasonCode.ProtocolError);
            return ((ConnectReturnCode)code).ToReasonCode();
        }

        reader.Require(((ReasonCode)code).IsAllowedIn(PacketType.ConnAck, Sender.Server), ReasonCode.ProtocolError);
        return (ReasonCode)code;
    }

    private static ConnAckPacket ReadRest(ref PacketReader reader, ProtocolVersion version, bool sessionPresent, ReasonCode code)
    {
        var properties = version == ProtocolVersion.Mqtt500 ? reader.ReadProperties(PropertyScope.ConnAck) : default;
        reader.Require(properties.Has(PropertyId.AuthenticationMethod) || !properties.Has(PropertyId.AuthenticationData), ReasonCode.ProtocolError);
        return new ConnAckPacket
        {
            SessionPresent = sessionPresent,
            ReasonCode = code,
            SessionExpiryInterval = properties.Number(PropertyId.SessionExpiryInterval),
            ReceiveMaximum = properties.ShortNumber(PropertyId.ReceiveMaximum),
            MaximumQoS = (QoS?)properties.Number(PropertyId.MaximumQoS),
            RetainAvailable = properties.Flag(PropertyId.RetainAvailable),
            MaximumPacketSize = properties.Number(PropertyId.MaximumPacketSize),
            AssignedClientIdentifier = properties.Text(PropertyId.AssignedClientIdentifier),
            TopicAliasMaximum = properties.ShortNumber(PropertyId.TopicAliasMaximum),
            ReasonString = properties.Text(PropertyId.ReasonString),
            UserProperties = properties.UserProperties(),
            WildcardSubscriptionAvailable = properties.Flag(PropertyId.WildcardSubscriptionAvailable),
            SubscriptionIdentifiersAvailable = properties.Flag(PropertyId.SubscriptionIdentifiersAvailable),
            SharedSubscriptionAvailable = properties.Flag(PropertyId.SharedSubscriptionAvailable),
            ServerKeepAlive = properties.ShortNumber(PropertyId.ServerKeepAlive),
            ResponseInformation = properties.Text(PropertyId.ResponseInformation),
            ServerReference = properties.Text(PropertyId.ServerReference),
            AuthenticationMethod = properties.Text(PropertyId.AuthenticationMethod),
            AuthenticationData = properties.Binary(PropertyId.AuthenticationData),
        };
    }
}
