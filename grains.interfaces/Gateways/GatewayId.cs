namespace IotPlatform.Gateways;

/// <summary>A gateway process, by the name it is configured with.</summary>
[GenerateSerializer, Immutable, Alias("iot.gateway-id")]
public readonly record struct GatewayId([property: Id(0)] string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}
