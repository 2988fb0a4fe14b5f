namespace Orleans;

/// <summary>Makes references to grains and to observers.</summary>
public interface IGrainFactory
{
    /// <summary>A reference to a grain. Making one neither activates the grain nor fails when it does not answer.</summary>
    /// <param name="primaryKey">The grain's key.</param>
    /// <param name="grainClassNamePrefix">Chooses among several classes that implement the interface; normally null.</param>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;

    /// <summary>A reference through which grains can call <paramref name="obj"/>, one call at a time.</summary>
    TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;

    /// <summary>Ends a reference made by <see cref="CreateObjectReference{T}"/>; later calls through it fail.</summary>
    void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;
}
