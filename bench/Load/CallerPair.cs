namespace IotPlatform.Bench.Load;

/// <summary>Two callers on one epoll, told apart by their tokens.</summary>
internal sealed class CallerPair(ICaller first, HttpPool ofFirst, ICaller second) : ICaller
{
    public void Handle(int token) => (ofFirst.Owns(token) ? first : second).Handle(token);
}
