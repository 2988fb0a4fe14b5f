namespace IotPlatform.Engine.Tests;

/// <summary>A test with an engine, a board and a key of its own.</summary>
public abstract class EngineTest(EngineFixture engine)
{
    protected EngineFixture Engine => engine;

    protected IGrainFactory Grains => engine.Host.Grains;

    protected Board Board => engine.Board;

    /// <summary>The key of the grain that the test is about.</summary>
    protected string Key { get; } = EngineFixture.NewKey();

    protected Journal Journal => Board.Journal(Key);

    protected T Grain<T>() where T : IGrainWithStringKey => Grains.GetGrain<T>(Key);

    /// <summary>Lets time pass, as counted by a timer of another grain.</summary>
    protected Task TicksPassAsync(int ticks) =>
        Grains.GetGrain<IClockGrain>(EngineFixture.NewKey()).TickAsync(ticks, TimeSpan.FromMilliseconds(20)).InTimeAsync($"{ticks} clock ticks");
}
