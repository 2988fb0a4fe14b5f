using System.Reflection;
using Orleans;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>A grain that answers every call with one function. Public, because the proxy derives from it in an assembly of its own.</summary>
public class GrainStub : DispatchProxy
{
    private Func<string, object?[], Task> _answer = null!;

    public static TGrain Of<TGrain>(Func<string, object?[], Task> answer)
        where TGrain : class, IGrainWithStringKey
    {
        var grain = Create<TGrain, GrainStub>();
        ((GrainStub)(object)grain)._answer = answer;
        return grain;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(targetMethod!.Name, args ?? []);
}
