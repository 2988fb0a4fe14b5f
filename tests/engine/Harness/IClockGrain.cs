namespace IotPlatform.Engine.Tests;

public interface IClockGrain : IGrainWithStringKey
{
    /// <summary>Completes after so many ticks.</summary>
    Task TickAsync(int ticks, TimeSpan period);
}
