using System.Diagnostics.CodeAnalysis;
using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>A client asks for a connection (section 3.1).</summary>
public sealed class ConnectPacket : ControlPacket
{
    /// <summary>What Receive Maximum is when absent (section 3.1.2.11.3).</summary>
    public const ushort ReceiveMaximumDefault = ushort.MaxValue;

    /// <inheritdoc/>
    public override PacketType Type => PacketType.Connect;

    /// <summary>The protocol version that this connection speaks.</summary>
    public ProtocolVersion Version { get; init; } = ProtocolVersion.Mqtt500;

    /// <summary>The client identifier; empty to let the server choose one.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>Whether a session left from before is to be discarded (Clean Session in 3.1.1).</summary>
    public bool CleanStart { get; init; }

    /// <summary>Seconds between two packets of the client at most; 0 turns the check off.</summary>
    public ushort KeepAlive { get; init; }

    /// <summary>The message to publish when the connection ends without a DISCONNECT, or null.</summary>
    public WillMessage? Will { get; init; }

    /// <summary>The user name, or null when absent.</summary>
    public string? UserName { get; init; }

    /// <summary>The password, or null when absent.</summary>
    public ReadOnlyMemory<byte>? Password { get; init; }

    /// <summary>Seconds that the session outlives the connection; absent means 0, 0xFFFFFFFF means for ever.</summary>
    public uint? SessionExpiryInterval { get; init; }

    /// <summary>How many unacknowledged QoS 1 and 2 messages the client accepts; absent means 65,535.</summary>
    public ushort? ReceiveMaximum { get; init; }

    /// <summary>Bytes of the longest packet the client accepts; absent means no limit.</summary>
    public uint? MaximumPacketSize { get; init; }

    /// <summary>The highest topic alias the client accepts; absent means 0.</summary>
    public ushort? TopicAliasMaximum { get; init; }

    /// <summary>Whether the client wants response information in CONNACK; absent means no.</summary>
    public bool? RequestResponseInformation { get; init; }

    /// <summary>Whether the client wants reason strings and user properties on every packet; absent means yes.</summary>
    public bool? RequestProblemInformation { get; init; }

    /// <summary>The method of enhanced authentication, or null.</summary>
    public string? AuthenticationMethod { get; init; }

    /// <summary>Data of the authentication method, or null.</summary>
    public ReadOnlyMemory<byte>? AuthenticationData { get; init; }

    /// <summary>
    /// Reads the body of a CONNECT. After a failure <see cref="AnswerVersion"/> says in which version a refusal can be written.
    /// </summary>
    /// <remarks>
    /// A wrong protocol name or level is <see cref="ReasonCode.UnsupportedProtocolVersion"/>; in 3.1.1 an empty client identifier without
    /// Clean Session is <see cref="ReasonCode.ClientIdentifierNotValid"/> [MQTT-3.1.3-8].
    /// </remarks>
    public static bool TryRead(ReadOnlySpan<byte> body, byte flags, [NotNullWhen(true)] out ConnectPacket? packet, out ReasonCode error)
    {
        var reader = new PacketReader(body);
        reader.Require(FixedHeader.HasValidFlags(PacketType.Connect, flags), ReasonCode.MalformedPacket);
        var version = ReadVersion(ref reader);
        var connectFlags = ConnectFlags.Read(ref reader, version);
        packet = ReadRest(ref reader, version, connectFlags);
        if (reader.TryFinish(out error))
        {
            return true;
        }

        packet = null;
        return false;
    }

    /// <summary>
    /// The version in which a server can answer the CONNECT with this body, also when the CONNECT is refused: 5.0 to clients of that level or a
    /// later one, 3.1.1 to all others [MQTT-3.1.2-2].
    /// </summary>
    public static ProtocolVersion AnswerVersion(ReadOnlySpan<byte> body)
    {
        var reader = new PacketReader(body);
        reader.ReadBinary();
        return reader.ReadByte() >= (byte)ProtocolVersion.Mqtt500 ? ProtocolVersion.Mqtt500 : ProtocolVersion.Mqtt311;
    }

    private protected override void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        if (version != Version)
        {
            throw new ArgumentException($"This CONNECT asks for {Version}.", nameof(version));
        }

        writer.WriteString("MQTT");
        writer.WriteByte((byte)version);
        writer.WriteByte(ConnectFlags.Of(this).Bits);
        writer.WriteUInt16(KeepAlive);
        WritePropertiesOf(ref writer, version);
        writer.WriteString(ClientId);
        Will?.Write(ref writer, version);
        if (UserName is not null)
        {
            writer.WriteString(UserName);
        }

        if (Password is { } password)
        {
            writer.WriteBinary(password.Span);
        }
    }

    private protected override void WriteProperties(ref PacketWriter writer)
    {
        writer.WriteProperty(PropertyId.SessionExpiryInterval, SessionExpiryInterval);
        writer.WriteProperty(PropertyId.AuthenticationMethod, AuthenticationMethod);
        writer.WriteProperty(PropertyId.AuthenticationData, AuthenticationData);
        writer.WriteProperty(PropertyId.RequestProblemInformation, RequestProblemInformation);
        writer.WriteProperty(PropertyId.RequestResponseInformation, RequestResponseInformation);
        writer.WriteProperty(PropertyId.ReceiveMaximum, ReceiveMaximum);
        writer.WriteProperty(PropertyId.TopicAliasMaximum, TopicAliasMaximum);
        writer.WriteUserProperties(UserProperties);
        writer.WriteProperty(PropertyId.MaximumPacketSize, MaximumPacketSize);
    }

    private static ProtocolVersion ReadVersion(ref PacketReader reader)
    {
        // [MQTT-3.1.2-1], [MQTT-3.1.2-2] An older name ("MQIsdp") or another level is refused as a version that is not supported.
        var name = reader.ReadText();
        var level = reader.ReadByte();
        reader.Require(name.SequenceEqual("MQTT"u8), ReasonCode.UnsupportedProtocolVersion);
        reader.Require(level is (byte)ProtocolVersion.Mqtt311 or (byte)ProtocolVersion.Mqtt500, ReasonCode.UnsupportedProtocolVersion);
        return (ProtocolVersion)level;
    }

    // The payload's fields follow each other in this order [MQTT-3.1.3-1]; object initialisers run from top to bottom.
    private static ConnectPacket ReadRest(ref PacketReader reader, ProtocolVersion version, ConnectFlags flags)
    {
        var keepAlive = reader.ReadUInt16();
        var properties = version == ProtocolVersion.Mqtt500 ? reader.ReadProperties(PropertyScope.Connect) : default;

        // Section 3.1.2.11.10
        reader.Require(properties.Has(PropertyId.AuthenticationMethod) || !properties.Has(PropertyId.AuthenticationData), ReasonCode.ProtocolError);
        return new ConnectPacket
        {
            Version = version,
            CleanStart = flags.CleanStart,
            KeepAlive = keepAlive,
            SessionExpiryInterval = properties.Number(PropertyId.SessionExpiryInterval),
            ReceiveMaximum = properties.ShortNumber(PropertyId.ReceiveMaximum),
            MaximumPacketSize = properties.Number(PropertyId.MaximumPacketSize),
            TopicAliasMaximum = properties.ShortNumber(PropertyId.TopicAliasMaximum),
            RequestResponseInformation = properties.Flag(PropertyId.RequestResponseInformation),
            RequestProblemInformation = properties.Flag(PropertyId.RequestProblemInformation),
            UserProperties = properties.UserProperties(),
            AuthenticationMethod = properties.Text(PropertyId.AuthenticationMethod),
            AuthenticationData = properties.Binary(PropertyId.AuthenticationData),
            ClientId = ReadClientId(ref reader, version, flags.CleanStart),
            Will = flags.HasWill ? WillMessage.Read(ref reader, version, flags.WillQoS, flags.WillRetain) : null,
            UserName = flags.HasUserName ? reader.ReadString() : null,
            Password = flags.HasPassword ? reader.ReadBinary().ToArray() : default(ReadOnlyMemory<byte>?),
        };
    }

    private static string ReadClientId(ref PacketReader reader, ProtocolVersion version, bool cleanStart)
    {
        var clientId = reader.ReadString();

        // [MQTT-3.1.3-7], [MQTT-3.1.3-8] of 3.1.1; MQTT 5.0 lets the server choose in every case [MQTT-3.1.3-6].
        reader.Require(clientId.Length > 0 || cleanStart || version == ProtocolVersion.Mqtt500, ReasonCode.ClientIdentifierNotValid);
        return clientId;
    }
}
