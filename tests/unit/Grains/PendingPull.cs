using IotPlatform.Topics;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>A pull that a test answers when it wants to.</summary>
internal sealed class PendingPull(InterestPull pull)
{
    private readonly TaskCompletionSource<InterestChanges> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public InterestPull Pull => pull;

    public Task<InterestChanges> Answer => _answer.Task;

    public void AnswerWhole(long version, params IEnumerable<string> filters) =>
        _answer.SetResult(new InterestChanges(pull.SinceEpoch, version, IsWhole: true, [.. filters], []));

    public void AnswerChanges(long version, string[] added, string[] removed) =>
        _answer.SetResult(new InterestChanges(pull.SinceEpoch, version, IsWhole: false, [.. added], [.. removed]));

    public void Fail() => _answer.SetException(new TimeoutException());
}
