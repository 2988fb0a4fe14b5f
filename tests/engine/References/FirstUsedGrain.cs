namespace IotPlatform.Engine.Tests;

internal sealed class FirstUsedGrain : Grain, IFirstUsedGrain
{
    public Task<int> AnswerAsync(int value) => Task.FromResult(value);
}
