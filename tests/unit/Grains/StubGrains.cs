using Orleans;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>Grains that answer what a test says, without an engine.</summary>
internal sealed class StubGrains : IGrainFactory
{
    private readonly Dictionary<Type, Func<string, IGrainWithStringKey>> _grains = [];

    /// <summary>How grains of a kind answer: their key, the method's name, and the arguments.</summary>
    public void Set<TGrain>(Func<string, string, object?[], Task> answer)
        where TGrain : class, IGrainWithStringKey =>
        _grains[typeof(TGrain)] = key => GrainStub.Of<TGrain>((method, arguments) => answer(key, method, arguments));

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey => (TGrainInterface)_grains[typeof(TGrainInterface)](primaryKey);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => (TGrainObserverInterface)obj;

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
    }
}
