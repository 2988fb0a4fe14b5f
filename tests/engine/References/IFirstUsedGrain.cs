namespace IotPlatform.Engine.Tests;

/// <summary>Referred to by one test only, so that it sees the interface's first use in the process.</summary>
[Alias("engine-tests.first-used")]
public interface IFirstUsedGrain : IGrainWithStringKey
{
    [Alias("answer")]
    Task<int> AnswerAsync(int value);
}
