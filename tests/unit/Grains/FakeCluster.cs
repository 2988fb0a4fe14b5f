using IotPlatform.Gateways;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>A cluster whose silos come and go as a test says.</summary>
internal sealed class FakeCluster : IClusterVersion
{
    public long Current { get; set; } = 1;
}
