namespace IotPlatform.Gateways;

/// <summary>A cluster of one: no silo comes or goes.</summary>
internal sealed class SingleProcess : IClusterVersion
{
    public long Current => 1;
}
