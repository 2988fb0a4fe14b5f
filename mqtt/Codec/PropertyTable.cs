namespace IotPlatform.Mqtt.Codec;

/// <summary>The table of section 2.2.2.2: each property's data type and the packets it may occur in.</summary>
public static class PropertyTable
{
    private const PropertyScope Message = PropertyScope.Publish | PropertyScope.Will;
    private const PropertyScope Handshake = PropertyScope.Connect | PropertyScope.ConnAck;

    private const PropertyScope Answers = PropertyScope.ConnAck | PropertyScope.PubAck | PropertyScope.PubRec | PropertyScope.PubRel
        | PropertyScope.PubComp | PropertyScope.SubAck | PropertyScope.UnsubAck | PropertyScope.Disconnect | PropertyScope.Auth;

    /// <summary>All packets that have properties.</summary>
    internal const PropertyScope Everywhere = Answers | Message | PropertyScope.Connect | PropertyScope.Subscribe | PropertyScope.Unsubscribe;

    /// <summary>The data type of a property, or <see cref="PropertyKind.None"/> for an identifier that does not exist.</summary>
    public static PropertyKind KindOf(PropertyId id) => id switch
    {
        PropertyId.PayloadFormatIndicator or PropertyId.RequestProblemInformation or PropertyId.RequestResponseInformation
            or PropertyId.MaximumQoS or PropertyId.RetainAvailable or PropertyId.WildcardSubscriptionAvailable
            or PropertyId.SubscriptionIdentifiersAvailable or PropertyId.SharedSubscriptionAvailable => PropertyKind.Flag,
        PropertyId.ServerKeepAlive or PropertyId.ReceiveMaximum or PropertyId.TopicAliasMaximum or PropertyId.TopicAlias => PropertyKind.TwoByteInteger,
        PropertyId.MessageExpiryInterval or PropertyId.SessionExpiryInterval or PropertyId.WillDelayInterval
            or PropertyId.MaximumPacketSize => PropertyKind.FourByteInteger,
        PropertyId.SubscriptionIdentifier => PropertyKind.VariableInteger,
        PropertyId.ContentType or PropertyId.ResponseTopic or PropertyId.AssignedClientIdentifier or PropertyId.AuthenticationMethod
            or PropertyId.ResponseInformation or PropertyId.ServerReference or PropertyId.ReasonString => PropertyKind.Text,
        PropertyId.CorrelationData or PropertyId.AuthenticationData => PropertyKind.Binary,
        PropertyId.UserProperty => PropertyKind.TextPair,
        _ => PropertyKind.None,
    };

    /// <summary>The packets that a property may occur in.</summary>
    public static PropertyScope ScopeOf(PropertyId id) => id switch
    {
        PropertyId.PayloadFormatIndicator or PropertyId.MessageExpiryInterval or PropertyId.ContentType or PropertyId.ResponseTopic
            or PropertyId.CorrelationData => Message,
        PropertyId.SubscriptionIdentifier => PropertyScope.Publish | PropertyScope.Subscribe,
        PropertyId.SessionExpiryInterval => Handshake | PropertyScope.Disconnect,
        PropertyId.AuthenticationMethod or PropertyId.AuthenticationData => Handshake | PropertyScope.Auth,
        PropertyId.RequestProblemInformation or PropertyId.RequestResponseInformation => PropertyScope.Connect,
        PropertyId.WillDelayInterval => PropertyScope.Will,
        PropertyId.ServerReference => PropertyScope.ConnAck | PropertyScope.Disconnect,
        PropertyId.ReasonString => Answers,
        PropertyId.ReceiveMaximum or PropertyId.TopicAliasMaximum or PropertyId.MaximumPacketSize => Handshake,
        PropertyId.TopicAlias => PropertyScope.Publish,
        PropertyId.UserProperty => Everywhere,
        PropertyId.AssignedClientIdentifier or PropertyId.ServerKeepAlive or PropertyId.ResponseInformation or PropertyId.MaximumQoS
            or PropertyId.RetainAvailable or PropertyId.WildcardSubscriptionAvailable or PropertyId.SubscriptionIdentifiersAvailable
            or PropertyId.SharedSubscriptionAvailable => PropertyScope.ConnAck,
        _ => PropertyScope.None,
    };

    /// <summary>Whether a property may occur more than once: user properties everywhere, subscription identifiers in PUBLISH (section 3.3.2.3.8).</summary>
    public static bool IsRepeatable(PropertyId id, PropertyScope scope)
        => id == PropertyId.UserProperty || (id == PropertyId.SubscriptionIdentifier && scope == PropertyScope.Publish);
}
