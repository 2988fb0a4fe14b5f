using Orleans.Concurrency;

namespace IotPlatform.Engine.Tests;

public interface IOneWayGrain : IGrainWithStringKey
{
    /// <summary>Waits at the gate and enters "ends".</summary>
    [OneWay]
    Task HoldAsync();

    /// <summary>Enters "fails" and does.</summary>
    [OneWay]
    Task FailAsync();

    Task PassAsync();
}
