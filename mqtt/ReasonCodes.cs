namespace IotPlatform.Mqtt;

/// <summary>Where each reason code may be used, and what it is called in MQTT 3.1.1.</summary>
public static class ReasonCodes
{
    /// <summary>Whether the code says that the operation failed (section 2.4: 0x80 or above).</summary>
    public static bool IsFailure(this ReasonCode code) => (byte)code >= 0x80;

    /// <summary>Whether the standard allows <paramref name="sender"/> to use the code in this packet type.</summary>
    public static bool IsAllowedIn(this ReasonCode code, PacketType type, Sender sender) => type switch
    {
        PacketType.ConnAck => IsAllowedInConnAck(code),
        PacketType.PubAck or PacketType.PubRec => IsAllowedInPubAck(code),
        PacketType.PubRel or PacketType.PubComp => code is ReasonCode.Success or ReasonCode.PacketIdentifierNotFound,
        PacketType.SubAck => IsAllowedInSubAck(code),
        PacketType.UnsubAck => IsAllowedInUnsubAck(code),
        PacketType.Disconnect => IsAllowedInDisconnect(code, sender),
        PacketType.Auth => IsAllowedInAuth(code, sender),
        _ => false,
    };

    /// <summary>
    /// What an MQTT 3.1.1 CONNACK says instead, or null where that version has no word for it: then the connection is closed without a CONNACK.
    /// </summary>
    public static ConnectReturnCode? ToConnectReturnCode(this ReasonCode code) => code switch
    {
        ReasonCode.Success => ConnectReturnCode.Accepted,
        ReasonCode.UnsupportedProtocolVersion => ConnectReturnCode.UnacceptableProtocolVersion,
        ReasonCode.ClientIdentifierNotValid => ConnectReturnCode.IdentifierRejected,
        ReasonCode.BadUserNameOrPassword => ConnectReturnCode.BadUserNameOrPassword,
        ReasonCode.NotAuthorized or ReasonCode.Banned or ReasonCode.BadAuthenticationMethod => ConnectReturnCode.NotAuthorized,
        ReasonCode.ServerUnavailable or ReasonCode.ServerBusy or ReasonCode.ServerShuttingDown or ReasonCode.QuotaExceeded
            or ReasonCode.UseAnotherServer or ReasonCode.ServerMoved or ReasonCode.ConnectionRateExceeded or ReasonCode.UnspecifiedError
            or ReasonCode.ImplementationSpecificError => ConnectReturnCode.ServerUnavailable,
        _ => null,
    };

    /// <summary>The reason code that means the same as an MQTT 3.1.1 return code.</summary>
    public static ReasonCode ToReasonCode(this ConnectReturnCode code) => code switch
    {
        ConnectReturnCode.Accepted => ReasonCode.Success,
        ConnectReturnCode.UnacceptableProtocolVersion => ReasonCode.UnsupportedProtocolVersion,
        ConnectReturnCode.IdentifierRejected => ReasonCode.ClientIdentifierNotValid,
        ConnectReturnCode.ServerUnavailable => ReasonCode.ServerUnavailable,
        ConnectReturnCode.BadUserNameOrPassword => ReasonCode.BadUserNameOrPassword,
        ConnectReturnCode.NotAuthorized => ReasonCode.NotAuthorized,
        _ => ReasonCode.UnspecifiedError,
    };

    // [MQTT-3.2.2-8] with the table of section 3.2.2.2.
    private static bool IsAllowedInConnAck(ReasonCode code) => code is ReasonCode.Success
        or (>= ReasonCode.UnspecifiedError and <= ReasonCode.Banned) or ReasonCode.BadAuthenticationMethod or ReasonCode.TopicNameInvalid
        or ReasonCode.PacketTooLarge or ReasonCode.QuotaExceeded or (>= ReasonCode.PayloadFormatInvalid and <= ReasonCode.ServerMoved)
        or ReasonCode.ConnectionRateExceeded;

    // [MQTT-3.4.2-1] and [MQTT-3.5.2-1] with the tables of sections 3.4.2.1 and 3.5.2.1.
    private static bool IsAllowedInPubAck(ReasonCode code) => code is ReasonCode.Success or ReasonCode.NoMatchingSubscribers
        or ReasonCode.UnspecifiedError or ReasonCode.ImplementationSpecificError or ReasonCode.NotAuthorized or ReasonCode.TopicNameInvalid
        or ReasonCode.PacketIdentifierInUse or ReasonCode.QuotaExceeded or ReasonCode.PayloadFormatInvalid;

    // [MQTT-3.9.3-2] with the table of section 3.9.3.
    private static bool IsAllowedInSubAck(ReasonCode code) => code is ReasonCode.Success or ReasonCode.GrantedQoS1 or ReasonCode.GrantedQoS2
        or ReasonCode.UnspecifiedError or ReasonCode.ImplementationSpecificError or ReasonCode.NotAuthorized or ReasonCode.TopicFilterInvalid
        or ReasonCode.PacketIdentifierInUse or ReasonCode.QuotaExceeded or ReasonCode.SharedSubscriptionsNotSupported
        or ReasonCode.SubscriptionIdentifiersNotSupported or ReasonCode.WildcardSubscriptionsNotSupported;

    // [MQTT-3.11.3-2] with the table of section 3.11.3.
    private static bool IsAllowedInUnsubAck(ReasonCode code) => code is ReasonCode.Success or ReasonCode.NoSubscriptionExisted
        or ReasonCode.UnspecifiedError or ReasonCode.ImplementationSpecificError or ReasonCode.NotAuthorized or ReasonCode.TopicFilterInvalid
        or ReasonCode.PacketIdentifierInUse;

    // [MQTT-3.14.2-1] with the table of section 3.14.2.1; section 2.4 adds 0x8C for a server.
    private static bool IsAllowedInDisconnect(ReasonCode code, Sender sender) => code switch
    {
        ReasonCode.Success or (>= ReasonCode.UnspecifiedError and <= ReasonCode.ImplementationSpecificError) or ReasonCode.TopicNameInvalid
            or (>= ReasonCode.ReceiveMaximumExceeded and <= ReasonCode.PayloadFormatInvalid) => true,
        ReasonCode.DisconnectWithWill => sender == Sender.Client,
        ReasonCode.NotAuthorized or ReasonCode.ServerBusy or (>= ReasonCode.ServerShuttingDown and <= ReasonCode.TopicFilterInvalid)
            or (>= ReasonCode.RetainNotSupported and <= ReasonCode.WildcardSubscriptionsNotSupported) => sender == Sender.Server,
        _ => false,
    };

    // [MQTT-3.15.2-1] with the table of section 3.15.2.1.
    private static bool IsAllowedInAuth(ReasonCode code, Sender sender) => code switch
    {
        ReasonCode.Success => sender == Sender.Server,
        ReasonCode.ContinueAuthentication => true,
        ReasonCode.ReAuthenticate => sender == Sender.Client,
        _ => false,
    };
}
